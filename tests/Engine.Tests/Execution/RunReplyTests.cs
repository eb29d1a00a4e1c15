using System.Text.Json;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution;

/// <summary>The one reply of a run that continues after a crash.</summary>
public sealed class RunReplyTests : CrashTests
{
    [Fact]
    public async Task A_reply_that_was_committed_is_never_sent_by_a_second_run_of_anything()
    {
        const string steps = """
              - { key: first, type: reply, config: { text: first } }
              - { key: work, type: wait }
              - { key: second, type: reply, config: { text: second } }
            """;
        var id = await CrashInAsync(steps, "{}");

        Gate.SetResult();
        await using var next = new Stage(Directory, Waits());
        next.Workflow(steps);
        await next.Recovery.SweepAsync(Token);

        var run = await next.EndOfAsync(id);
        Assert.Single(run.All().OfType<JournalEntry.Replied>());
        Assert.Contains("replies once", run.OutputJson("second").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Single(run.Keys(), "first");
    }

    [Fact]
    public async Task A_step_that_a_crash_cut_off_after_its_reply_was_durable_is_told_that_the_reply_was_sent()
    {
        const string steps = "  - { key: answer, type: reply_and_wait }";
        RunId id;
        await using (var stage = new Stage(Directory, RepliesAndWaits(new TaskCompletionSource().Task)))
        {
            var responder = stage.Start(steps, "{}");
            Assert.IsType<Answer.Replied>(await responder.Answer.WaitAsync(Token));
            id = responder.Run;
        }

        await using var next = new Stage(Directory, RepliesAndWaits(Task.CompletedTask));
        next.Workflow(steps);
        await next.Recovery.SweepAsync(Token);

        var run = await next.EndOfAsync(id);
        Assert.Single(run.All().OfType<JournalEntry.Replied>());
        Assert.Equal("[true,false]", run.Output("answer"));
    }

    [Fact]
    public async Task After_a_crash_a_reply_finds_nobody_who_waits_and_says_so()
    {
        const string steps = "  - { key: work, type: wait }\n  - { key: answer, type: reply, config: { text: late } }";
        var id = await CrashInAsync(steps, "{}");

        Gate.SetResult();
        await using var next = new Stage(Directory, Waits());
        next.Workflow(steps);
        await next.Recovery.SweepAsync(Token);

        var run = await next.EndOfAsync(id);
        Assert.False(run.OutputJson("answer").GetProperty("sent").GetBoolean());
        Assert.Contains("Nobody waits", run.OutputJson("answer").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains(run.Warnings(), warning => warning.Contains("answer", StringComparison.Ordinal));
    }

    // Replies, waits, and offers a second reply; its output says which of the two it was told were sent.
    private static FakeNode RepliesAndWaits(Task until) => new("reply_and_wait", Effect.Reply, async (_, context, cancellationToken) =>
    {
        var first = await context.Responder.ReplyAsync(new Reply(200, default), cancellationToken);
        await until.WaitAsync(cancellationToken);
        var second = await context.Responder.ReplyAsync(new Reply(200, default), cancellationToken);
        return new NodeResult.Completed(JsonSerializer.SerializeToUtf8Bytes(new[] { first.Sent, second.Sent }));
    });
}
