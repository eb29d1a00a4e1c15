using System.Collections.Concurrent;
using System.Text;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Tests.Storage.Sqlite;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution;

/// <summary>Runs that go on: after a crash, after somebody asked.</summary>
public sealed class RunRecoveryTests : CrashTests
{
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

        Gate.SetResult();
        await using var next = new Stage(Directory, counts, Waits());
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
        Gate.SetResult();
        await using var next = new Stage(Directory, turning, Waits());
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

        Gate.SetResult();
        await using var next = new Stage(Directory, Waits());
        next.Workflow(steps);
        await next.Recovery.SweepAsync(Token);

        var run = await next.EndOfAsync(id);
        Assert.Equal("""{"was":"skipped"}""", run.Output("after"));
        Assert.Single(run.Keys(), "maybe");
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

        Gate.SetResult();
        await using var next = new Stage(Directory, [.. nodes, Waits()]);
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
    public async Task After_a_crash_aGate_whose_output_held_a_secret_leaves_through_the_port_that_it_had_taken()
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
        Gate.SetResult();
        await using var next = new Stage(Directory, turning, Waits());
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

        Gate.SetResult();
        await using var next = new Stage(Directory, Waits());
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
        await using var stage = new Stage(Directory);
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
        await using (var stage = new Stage(Directory, Holds(new TaskCompletionSource().Task), Sees("look", seen)))
        {
            var responder = stage.Start(steps);
            await Entered.Task.WaitAsync(Token);
            if (effect == Effect.Reply)
            {
                Assert.IsType<Answer.Replied>(await responder.Answer.WaitAsync(Token));
            }

            id = responder.Run;
        }

        Directory.Time.Advance(TimeSpan.FromHours(1));
        await using var next = new Stage(Directory, Holds(Task.CompletedTask), Sees("look", seen));
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
            Entered.TrySetResult();
            await until.WaitAsync(cancellationToken);
            return new NodeResult.Completed("{}"u8.ToArray());
        });
    }

    [Fact]
    public async Task A_run_with_an_entry_that_a_newer_host_wrote_is_held_and_nothing_of_it_runs()
    {
        await using var stage = new Stage(Directory);
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
        await using var stage = new Stage(Directory, flaky);
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
        await using var stage = new Stage(Directory, node);
        var id = stage.Start("  - { key: work, type: away }").Run;
        await stage.WhenAsync(id, run => run.Status == RunStatus.Suspended);

        node.IsGone = false;
        Assert.Equal(1, await stage.Recovery.SweepAsync(Token));
        await stage.EndOfAsync(id);

        Assert.Equal([1], attempts);
    }

    [Theory]
    [InlineData("""{"kind":""")]
    [InlineData("""{"kind":"step","attempt":"x"}""")]
    public async Task A_run_whose_record_can_not_be_read_does_not_keep_the_others_from_going_on(string entry)
    {
        const string steps = "  - { key: work, type: wait }";
        var id = await CrashInAsync(steps, "{}");
        Gate.SetResult();
        await using var next = new Stage(Directory, Waits());
        var broken = new RunLog(next.Queue, DataDirectory.Header(minute: -5), 1, isNew: true);
        broken.Append(Encoding.UTF8.GetBytes(entry));
        await broken.DurableAsync();
        next.Workflow(steps);

        Assert.Equal(1, await next.Recovery.SweepAsync(Token));

        Assert.Equal(RunStatus.Succeeded, (await next.EndOfAsync(id)).Status);
        Assert.Equal(RunStatus.Running, (await next.Runs.FindAsync(broken.Header.Id, Token))!.Status);
    }

    private static FakeNode Sees(string type, ConcurrentQueue<string> seen) => new(type, Effect.External, (config, _, _) =>
    {
        seen.Enqueue(System.Text.Encoding.UTF8.GetString(config.Span));
        return FakeNode.Done();
    });
}
