using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Tests.Storage.Sqlite;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution;

/// <summary>Runs that go on: after a crash, after somebody asked. A crash here is a journal that is closed under a run.</summary>
public sealed class RunRecoveryTests : IDisposable
{
    private const string WaitAndEcho = "  - { key: work, type: wait }\n  - { key: after, type: echo }";

    private readonly DataDirectory _directory = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _gate.TrySetResult();
        _directory.Dispose();
    }

    [Fact]
    public async Task After_a_crash_a_run_goes_on_after_its_last_durable_step_under_the_same_key()
    {
        const string steps = """
              - { key: before, type: count, config: { id: "{{ trigger.output.body.id }}" } }
              - { key: work, type: wait }
              - { key: after, type: echo, config: { id: "{{ before.output.id }}", attempt: "{{ work.output.attempt }}", key: "{{ work.output.key }}" } }
            """;
        var calls = new ConcurrentQueue<string>();
        var counts = new FakeNode("count", Effect.External, (config, context, _) =>
        {
            calls.Enqueue(context.IdempotencyKey);
            return FakeNode.Done(System.Text.Encoding.UTF8.GetString(config.Span));
        });
        var id = await CrashInAsync(steps, """{"id":42}""", counts);

        _gate.SetResult();
        await using var next = new Stage(_directory, counts, Waits());
        next.Workflow(steps);
        Assert.Equal(1, await next.Recovery.SweepAsync(Token));

        var run = await next.EndOfAsync(id);
        Assert.Equal(RunStatus.Succeeded, run.Status);
        Assert.Equal($$"""{"id":42,"attempt":2,"key":"{{id}}:work"}""", run.Output("after"));
        Assert.Equal([$"{id}:before"], calls);
        Assert.Equal([1, 2], run.All().OfType<JournalEntry.StepStarted>().Where(started => started.Key == "work").Select(started => started.Attempt));
        Assert.Equal(0, await next.Recovery.SweepAsync(Token));
    }

    [Fact]
    public async Task After_a_crash_a_run_goes_down_the_branch_that_it_had_taken()
    {
        const string steps = """
              - key: gate
                type: turning
                branches:
                  left: [ { key: in_left, type: wait } ]
                  right: [ { key: in_right, type: echo } ]
              - { key: after, type: echo, config: { port: "{{ gate.port }}" } }
            """;
        var port = "left";
        var turning = new FakeNode("turning", Effect.External, (_, _, _) => ValueTask.FromResult<NodeResult>(new NodeResult.Completed("{}"u8.ToArray(), port)), "left", "right");
        var id = await CrashInAsync(steps, "{}", turning);

        port = "right";
        _gate.SetResult();
        await using var next = new Stage(_directory, turning, Waits());
        next.Workflow(steps);
        await next.Recovery.SweepAsync(Token);

        Assert.Equal(["gate", "in_left", "after"], (await next.EndOfAsync(id)).Keys());
    }

    [Fact]
    public async Task After_a_crash_a_skipped_step_stays_skipped()
    {
        const string steps = """
              - { key: maybe, type: echo, when: false }
              - { key: work, type: wait }
              - { key: after, type: echo, config: { was: "{{ maybe.status }}" } }
            """;
        var id = await CrashInAsync(steps, "{}");

        _gate.SetResult();
        await using var next = new Stage(_directory, Waits());
        next.Workflow(steps);
        await next.Recovery.SweepAsync(Token);

        var run = await next.EndOfAsync(id);
        Assert.Equal("""{"was":"skipped"}""", run.Output("after"));
        Assert.Single(run.Keys(), "maybe");
    }

    [Fact]
    public async Task A_reply_that_was_committed_is_never_sent_by_a_second_run_of_anything()
    {
        const string steps = """
              - { key: first, type: reply, config: { text: first } }
              - { key: work, type: wait }
              - { key: second, type: reply, config: { text: second } }
            """;
        var id = await CrashInAsync(steps, "{}");

        _gate.SetResult();
        await using var next = new Stage(_directory, Waits());
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
        await using (var stage = new Stage(_directory, RepliesAndWaits(new TaskCompletionSource().Task)))
        {
            var responder = stage.Start(steps, "{}");
            Assert.IsType<Answer.Replied>(await responder.Answer.WaitAsync(Token));
            id = responder.Run;
        }

        await using var next = new Stage(_directory, RepliesAndWaits(Task.CompletedTask));
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

        _gate.SetResult();
        await using var next = new Stage(_directory, Waits());
        next.Workflow(steps);
        await next.Recovery.SweepAsync(Token);

        var run = await next.EndOfAsync(id);
        Assert.False(run.OutputJson("answer").GetProperty("sent").GetBoolean());
        Assert.Contains("Nobody waits", run.OutputJson("answer").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains(run.Warnings(), warning => warning.Contains("answer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_a_crash_a_step_whose_output_held_a_secret_does_not_run_again_and_is_read_with_the_secret()
    {
        const string steps = """
              - { key: pure, type: stamp, config: { auth: "Basic {{ base64('a:' + secrets.token) }}" } }
              - { key: external, type: outside, config: { id: "{{ pure.output.id }}", token: "{{ secrets.token }}" } }
              - { key: before, type: look, config: { pure: "{{ pure.output }}", external: "{{ external.output }}" } }
              - { key: work, type: wait }
              - { key: after, type: look, config: { pure: "{{ pure.output }}", external: "{{ external.output }}" } }
            """;
        var seen = new ConcurrentQueue<string>();
        var stamps = 0;
        // What a pure node must not do, so that a second call shows.
        var stamp = new FakeNode("stamp", Effect.None, (config, _, _) =>
            FakeNode.Done($$"""{ "id": {{++stamps}}, "of": {{System.Text.Encoding.UTF8.GetString(config.Span)}} }"""));
        FakeNode[] nodes = [stamp, FakeNode.Echo("outside", Effect.External), Sees("look", seen)];
        var id = await CrashInAsync(steps, "{}", nodes);

        _gate.SetResult();
        await using var next = new Stage(_directory, [.. nodes, Waits()]);
        next.Workflow(steps);
        await next.Recovery.SweepAsync(Token);

        var run = await next.EndOfAsync(id);
        Assert.Equal(1, stamps);
        Assert.Contains("YTpodXNoLWh1c2gtOTAwMA==", seen.First(), StringComparison.Ordinal);
        Assert.Contains("\"token\":\"hush-hush-9000\"", seen.First(), StringComparison.Ordinal);
        Assert.Equal([seen.First(), seen.First()], seen);
        Assert.Equal(-1, run.Entries.Span.IndexOf("hush-hush"u8));
        Assert.Contains("***", run.Output("pure"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_crash_a_gate_whose_output_held_a_secret_leaves_through_the_port_that_it_had_taken()
    {
        const string steps = """
              - key: gate
                type: turning
                config: { token: "{{ secrets.token }}" }
                branches:
                  left: [ { key: in_left, type: wait } ]
                  right: [ { key: in_right, type: echo } ]
            """;
        var port = "left";
        var turning = new FakeNode(
            "turning", Effect.None, (config, _, _) => ValueTask.FromResult<NodeResult>(new NodeResult.Completed(config.ToArray(), port)), "left", "right");
        var id = await CrashInAsync(steps, "{}", turning);

        port = "right";
        _gate.SetResult();
        await using var next = new Stage(_directory, turning, Waits());
        next.Workflow(steps);
        await next.Recovery.SweepAsync(Token);

        Assert.Equal(["gate", "in_left"], (await next.EndOfAsync(id)).Keys());
    }

    [Fact]
    public async Task A_secret_that_is_gone_after_a_crash_stays_masked_with_a_warning()
    {
        const string steps = """
              - { key: pure, type: echo, config: { token: "{{ secrets.token }}" } }
              - { key: work, type: wait }
              - { key: after, type: echo, config: { token: "{{ pure.output.token }}" } }
            """;
        var id = await CrashInAsync(steps, "{}");

        _gate.SetResult();
        await using var next = new Stage(_directory, Waits());
        next.Workflow(steps);
        next.RemoveSecret("token");
        await next.Recovery.SweepAsync(Token);

        var run = await next.EndOfAsync(id);
        Assert.Equal("""{"token":"***"}""", run.Output("after"));
        Assert.Contains(run.Warnings(), warning => warning.Contains("step pure", StringComparison.Ordinal) && warning.Contains("secret token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_masked_output_of_an_earlier_build_which_names_no_secret_comes_from_running_the_pure_step_again()
    {
        await using var stage = new Stage(_directory);
        var workflow = stage.Workflow("""
              - { key: pure, type: echo, config: { token: "{{ secrets.token }}" } }
              - { key: after, type: echo, config: { token: "{{ secrets.token }}", same: "{{ pure.output.token == secrets.token }}" } }
            """);
        var log = new RunLog(stage.Queue, DataDirectory.Header(workflow.Name), 1, isNew: true);
        log.Append(new JournalEntry.Step("pure", "echo", StepStatus.Succeeded, 1, DataDirectory.Noon, default) { Output = """{"token":"***"}"""u8.ToArray(), Masked = true });
        await log.DurableAsync();

        Assert.Equal(1, await stage.Recovery.SweepAsync(Token));

        Assert.Equal("""{"token":"***","same":true}""", (await stage.EndOfAsync(log.Header.Id)).Output("after"));
    }

    [Theory]
    [InlineData(Effect.External)]
    [InlineData(Effect.Reply)]
    public async Task Every_attempt_of_a_step_has_the_config_of_the_first(Effect effect)
    {
        const string steps = """
              - key: work
                type: hold
                when: "{{ now() < '2026-03-01T12:30:00Z' }}"
                config: { at: "{{ now() }}", ids: ["{{ uuid() }}", "{{ [1].map(x => uuid()) }}"], run: "{{ run.id }}" }
              - { key: after, type: look, config: { at: "{{ now() }}", id: "{{ uuid() }}" } }
            """;
        var seen = new ConcurrentQueue<string>();
        RunId id;
        await using (var stage = new Stage(_directory, Holds(new TaskCompletionSource().Task), Sees("look", seen)))
        {
            var responder = stage.Start(steps);
            await _entered.Task.WaitAsync(Token);
            if (effect == Effect.Reply)
            {
                Assert.IsType<Answer.Replied>(await responder.Answer.WaitAsync(Token));
            }

            id = responder.Run;
        }

        _directory.Time.Advance(TimeSpan.FromHours(1));
        await using var next = new Stage(_directory, Holds(Task.CompletedTask), Sees("look", seen));
        next.Workflow(steps);
        await next.Recovery.SweepAsync(Token);
        await next.EndOfAsync(id);

        var configs = seen.ToArray();
        Assert.Equal(configs[0], configs[1]);
        Assert.Contains("\"at\":\"2026-03-01T12:00:00.000Z\"", configs[0], StringComparison.Ordinal);
        Assert.Contains("\"at\":\"2026-03-01T13:00:00.000Z\"", configs[2], StringComparison.Ordinal);
        string[] ids = [.. System.Text.RegularExpressions.Regex.Matches(configs[0] + configs[2], "[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}").Select(match => match.Value)];
        Assert.Equal(3, ids.Length);
        Assert.Equal(3, ids.Distinct().Count());

        FakeNode Holds(Task until) => new("hold", effect, async (config, context, cancellationToken) =>
        {
            seen.Enqueue(System.Text.Encoding.UTF8.GetString(config.Span));
            await context.Responder.ReplyAsync(new Reply(200, config.ToArray()), cancellationToken);
            _entered.TrySetResult();
            await until.WaitAsync(cancellationToken);
            return new NodeResult.Completed("{}"u8.ToArray());
        });
    }

    [Fact]
    public async Task A_run_with_an_entry_that_a_newer_host_wrote_is_held_and_nothing_of_it_runs()
    {
        await using var stage = new Stage(_directory);
        var workflow = stage.Workflow("  - { key: work, type: echo }");
        var log = new RunLog(stage.Queue, DataDirectory.Header(workflow.Name), 1, isNew: true);
        log.Append("""{"kind":"loop_opened","step":"work","items":3}"""u8);
        await log.DurableAsync();

        Assert.Equal(0, await stage.Recovery.SweepAsync(Token));

        var held = await stage.Runs.FindAsync(log.Header.Id, Token);
        Assert.Equal((RunStatus.Running, 1L), (held!.Status, held.Fence));
        Assert.Empty(held.Keys());
        Assert.Null(await stage.Recovery.CancelAsync(log.Header.Id, Token));
        Assert.Contains("'loop_opened'", await stage.Recovery.RetryAsync(log.Header.Id, Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_run_is_retried_from_the_step_that_failed_as_often_as_it_takes()
    {
        var attempts = new ConcurrentQueue<int>();
        var flaky = new FakeNode("flaky", Effect.External, (_, context, _) =>
        {
            attempts.Enqueue(context.Attempt);
            return context.Attempt < 3 ? ValueTask.FromResult<NodeResult>(new NodeResult.Failed(new NodeFailure("refused", "not yet"))) : FakeNode.Done();
        });
        await using var stage = new Stage(_directory, flaky);
        var (_, failed) = await stage.RunAsync("  - { key: before, type: echo }\n  - { key: work, type: flaky }");
        var id = failed.Header.Id;
        Assert.Equal(RunStatus.Failed, failed.Status);

        Assert.Null(await stage.Recovery.RetryAsync(id, Token));
        await stage.EndOfAsync(id);
        Assert.Null(await stage.Recovery.RetryAsync(id, Token));
        var run = await stage.WhenAsync(id, run => run.Status == RunStatus.Succeeded);

        Assert.Equal([1, 2, 3], attempts);
        Assert.Single(run.Keys(), "before");
        Assert.Contains("succeeded", await stage.Recovery.RetryAsync(id, Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Effect.External)]
    [InlineData(Effect.None)]
    public async Task A_step_that_waited_for_its_plugin_comes_as_its_first_attempt(Effect effect)
    {
        var attempts = new ConcurrentQueue<int>();
        var node = new FakeNode("away", effect, (_, context, _) =>
        {
            attempts.Enqueue(context.Attempt);
            return FakeNode.Done();
        })
        { IsGone = true };
        await using var stage = new Stage(_directory, node);
        var id = stage.Start("  - { key: work, type: away }").Run;
        await stage.WhenAsync(id, run => run.Status == RunStatus.Suspended);

        node.IsGone = false;
        Assert.Equal(1, await stage.Recovery.SweepAsync(Token));
        await stage.EndOfAsync(id);

        Assert.Equal([1], attempts);
    }

    [Fact]
    public async Task A_call_whose_start_cannot_be_stored_gives_its_lease_back()
    {
        var node = FakeNode.Waits(_gate.Task, _entered, type: "work");
        await using var stage = new Stage(_directory, node);
        await stage.FillAsync();

        var responder = stage.Start("  - { key: work, type: work }\n  - { key: answer, type: reply, config: { text: a } }", $"\"{new string('x', 2_000_000)}\"");

        Assert.IsType<Answer.NotDurable>(await responder.Answer.WaitAsync(Token));
        Assert.Equal(0, node.Entered);
    }

    [Fact]
    public async Task A_run_whose_journal_was_full_goes_on_when_there_is_room()
    {
        // What was durable stays; the run that could not be made durable was let go, and its caller was told.
        await using var stage = new Stage(_directory, Waits());
        var responder = stage.Start(WaitAndEcho);
        Assert.IsType<Answer.Acknowledged>(await responder.Answer.WaitAsync(Token));
        await _entered.Task.WaitAsync(Token);
        await stage.FillAsync();
        var refused = stage.Start("  - { key: after, type: echo }", $"\"{new string('x', 2_000_000)}\"");
        Assert.IsType<Answer.NotDurable>(await refused.Answer.WaitAsync(Token));
        _gate.SetResult();
        await Stage.UntilAsync(() => stage.Runner.ActiveCount == 0);

        stage.Workflow(WaitAndEcho);
        stage.MakeRoom();
        var ended = stage.EndOfAsync(responder.Run);
        await stage.TurnUntilAsync(ended, TimeSpan.FromSeconds(1));

        Assert.Equal(RunStatus.Succeeded, (await ended).Status);
        Assert.Null(await stage.Runs.FindAsync(refused.Run, Token));
    }

    [Fact]
    public async Task A_run_that_is_cancelled_while_its_journal_is_full_is_cancelled_when_there_is_room()
    {
        await using var stage = new Stage(_directory, Waits());
        var id = await CancelWhileFullAsync(stage);

        stage.Workflow(WaitAndEcho);
        stage.MakeRoom();
        var ended = stage.EndOfAsync(id);
        await stage.TurnUntilAsync(ended, TimeSpan.FromSeconds(1));

        Assert.Equal(RunStatus.Cancelled, (await ended).Status);
    }

    [Fact]
    public async Task A_cancellation_that_was_to_be_heard_later_and_was_stored_meanwhile_does_not_cancel_a_retry()
    {
        await using var stage = new Stage(_directory, Waits());
        var id = await CancelWhileFullAsync(stage);
        // Without a workflow it is not taken up: the journal alone hears the cancellation.
        stage.RemoveWorkflow();
        stage.MakeRoom();
        await stage.TurnUntilAsync(Stage.UntilAsync(() => stage.Queue.IsWritable), TimeSpan.FromSeconds(1));
        Assert.Null(await stage.Recovery.CancelAsync(id, Token));
        Assert.Equal(RunStatus.Cancelled, (await stage.Runs.FindAsync(id, Token))!.Status);

        stage.Workflow(WaitAndEcho);
        _gate.SetResult();
        Assert.Null(await stage.Recovery.RetryAsync(id, Token));

        Assert.Equal(RunStatus.Succeeded, (await stage.EndOfAsync(id)).Status);
    }

    [Theory]
    [InlineData("""{"kind":""")]
    [InlineData("""{"kind":"step","attempt":"x"}""")]
    public async Task A_run_whose_record_can_not_be_read_does_not_keep_the_others_from_going_on(string entry)
    {
        const string steps = "  - { key: work, type: wait }";
        var id = await CrashInAsync(steps, "{}");
        _gate.SetResult();
        await using var next = new Stage(_directory, Waits());
        var broken = new RunLog(next.Queue, DataDirectory.Header(minute: -5), 1, isNew: true);
        broken.Append(Encoding.UTF8.GetBytes(entry));
        await broken.DurableAsync();
        next.Workflow(steps);

        Assert.Equal(1, await next.Recovery.SweepAsync(Token));

        Assert.Equal(RunStatus.Succeeded, (await next.EndOfAsync(id)).Status);
        Assert.Equal(RunStatus.Running, (await next.Runs.FindAsync(broken.Header.Id, Token))!.Status);
    }

    // Replies, waits, and offers a second reply; its output says which of the two it was told were sent.
    private static FakeNode RepliesAndWaits(Task until) => new("reply_and_wait", Effect.Reply, async (_, context, cancellationToken) =>
    {
        var first = await context.Responder.ReplyAsync(new Reply(200, default), cancellationToken);
        await until.WaitAsync(cancellationToken);
        var second = await context.Responder.ReplyAsync(new Reply(200, default), cancellationToken);
        return new NodeResult.Completed(JsonSerializer.SerializeToUtf8Bytes(new[] { first.Sent, second.Sent }));
    });

    private static FakeNode Sees(string type, ConcurrentQueue<string> seen) => new(type, Effect.External, (config, _, _) =>
    {
        seen.Enqueue(System.Text.Encoding.UTF8.GetString(config.Span));
        return FakeNode.Done();
    });

    private FakeNode Waits() => FakeNode.Waits(_gate.Task, _entered);

    /// <summary>Lets a run get to the step that waits, fills the journal, and cancels the run: it is let go, because its end can't be stored.</summary>
    private async Task<RunId> CancelWhileFullAsync(Stage stage)
    {
        var responder = stage.Start(WaitAndEcho);
        Assert.IsType<Answer.Acknowledged>(await responder.Answer.WaitAsync(Token));
        await _entered.Task.WaitAsync(Token);
        await stage.FillAsync();
        Assert.IsType<Answer.NotDurable>(await stage.Start("  - { key: after, type: echo }", $"\"{new string('x', 2_000_000)}\"").Answer.WaitAsync(Token));
        Assert.Null(await stage.Recovery.CancelAsync(responder.Run, Token));
        await Stage.UntilAsync(() => stage.Runner.ActiveCount == 0);
        return responder.Run;
    }

    /// <summary>Runs these steps until the one that waits is in the air, and closes the journal under them.</summary>
    private async Task<RunId> CrashInAsync(string steps, string body, params FakeNode[] nodes)
    {
        await using var stage = new Stage(_directory, [.. nodes, FakeNode.Waits(new TaskCompletionSource().Task, _entered)]);
        var responder = stage.Start(steps, body);
        await _entered.Task.WaitAsync(Token);
        return responder.Run;
    }
}
