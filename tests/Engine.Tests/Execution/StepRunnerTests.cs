using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Tests.Storage.Sqlite;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution;

public sealed class StepRunnerTests : IDisposable
{
    private readonly DataDirectory _directory = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_call_that_takes_longer_than_the_step_s_timeout_is_cancelled_and_fails_as_timeout()
    {
        await using var stage = new Stage(_directory, FakeNode.Waits(_gate.Task, _entered));
        var responder = stage.Start("  - { key: work, type: wait, timeout: 10s }\n  - { key: answer, type: reply, config: { text: a } }");
        await _entered.Task.WaitAsync(Token);
        stage.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(responder.Answer.IsCompleted);

        stage.Time.Advance(TimeSpan.FromSeconds(1));

        var failure = Assert.IsType<Answer.Failed>(await responder.Answer.WaitAsync(Token)).Failure;
        Assert.Equal((FailureKind.Timeout, true), (failure.Kind, failure.Retryable));
        Assert.Contains("10s", failure.Message, StringComparison.Ordinal);
        Assert.Equal(StepStatus.Failed, (await stage.EndOfAsync(responder.Run)).Step("work").Status);
    }

    [Fact]
    public async Task Without_a_timeout_of_its_own_a_step_has_the_host_s()
    {
        await using var stage = new Stage(_directory, FakeNode.Waits(_gate.Task, _entered));
        var responder = stage.Start("  - { key: work, type: wait }\n  - { key: answer, type: reply, config: { text: a } }");
        await _entered.Task.WaitAsync(Token);

        stage.Time.Advance(TimeSpan.FromMinutes(5));

        Assert.Contains("5m", Assert.IsType<Answer.Failed>(await responder.Answer.WaitAsync(Token)).Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_time_of_one_step_is_not_counted_against_the_next()
    {
        var (secondGate, secondEntered) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        await using var stage = new Stage(_directory, FakeNode.Waits(_gate.Task, _entered), FakeNode.Waits(secondGate.Task, secondEntered, type: "wait_again"));
        var responder = stage.Start("""
              - { key: one, type: wait, timeout: 10s }
              - { key: two, type: wait_again, timeout: 10s }
              - { key: answer, type: reply, config: { text: done } }
            """);
        await _entered.Task.WaitAsync(Token);
        stage.Time.Advance(TimeSpan.FromSeconds(9));
        _gate.SetResult();
        await secondEntered.Task.WaitAsync(Token);
        stage.Time.Advance(TimeSpan.FromSeconds(9));
        secondGate.SetResult();

        Assert.IsType<Answer.Replied>(await responder.Answer.WaitAsync(Token));
    }

    [Fact]
    public async Task A_node_that_ignores_its_cancellation_is_given_up_after_the_grace_period()
    {
        await using var stage = new Stage(_directory, FakeNode.Waits(_gate.Task, _entered, ignores: true));
        var responder = stage.Start("  - { key: work, type: wait, timeout: 10s }\n  - { key: answer, type: reply, config: { text: a } }");
        await _entered.Task.WaitAsync(Token);

        await stage.TurnUntilAsync(responder.Answer, TimeSpan.FromSeconds(1));

        Assert.Equal(FailureKind.Timeout, Assert.IsType<Answer.Failed>(await responder.Answer).Failure.Kind);
        Assert.False(_gate.Task.IsCompleted);
        Assert.Equal(RunStatus.Failed, (await stage.EndOfAsync(responder.Run)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reply_leaves_while_its_node_goes_on_working(bool blocksItsThread)
    {
        using var release = new ManualResetEventSlim();
        var chatty = new FakeNode("chatty", Effect.Reply, async (_, context, cancellationToken) =>
        {
            await context.Responder.ReplyAsync(new Reply(200, "a"u8.ToArray()), cancellationToken);
            if (blocksItsThread)
            {
                release.Wait(CancellationToken.None);
            }
            else
            {
                await _gate.Task;
            }

            return new NodeResult.Completed("{}"u8.ToArray());
        });
        await using var stage = new Stage(_directory, chatty);
        var responder = stage.Start("  - { key: answer, type: chatty }");

        Assert.IsType<Answer.Replied>(await responder.Answer.WaitAsync(TimeSpan.FromSeconds(30), Token));

        Assert.True(stage.Runner.IsActive(responder.Run));
        release.Set();
        _gate.SetResult();
        Assert.Equal(RunStatus.Succeeded, (await stage.EndOfAsync(responder.Run)).Status);
    }

    [Fact]
    public async Task A_cancelled_run_cancels_the_node_in_the_air_and_ends_as_cancelled()
    {
        await using var stage = new Stage(_directory, FakeNode.Waits(_gate.Task, _entered));
        var responder = stage.Start("  - { key: work, type: wait }\n  - { key: answer, type: reply, config: { text: a } }");
        await _entered.Task.WaitAsync(Token);

        Assert.True(await stage.Runner.TryCancelAsync(responder.Run, Token));

        Assert.Equal(FailureKind.Cancelled, Assert.IsType<Answer.Failed>(await responder.Answer.WaitAsync(Token)).Failure.Kind);
        var run = await stage.EndOfAsync(responder.Run);
        Assert.Equal(RunStatus.Cancelled, run.Status);
        Assert.Equal(["work"], run.Keys());
        Assert.False(await stage.Runner.TryCancelAsync(responder.Run, Token));
    }

    [Fact]
    public async Task An_external_node_starts_only_when_everything_ahead_of_it_is_durable()
    {
        IReadOnlyList<JournalEntry>? seen = null;
        Stage? stage = null;
        var looks = new FakeNode("look", Effect.External, async (_, context, cancellationToken) =>
        {
            Assert.True(RunId.TryParse(context.RunId, out var id));
            seen = (await stage!.Runs.FindAsync(id, cancellationToken))?.All();
            return new NodeResult.Completed("{}"u8.ToArray());
        });
        await using (stage = new Stage(_directory, looks))
        {
            await stage.RunAsync("  - { key: before, type: echo }\n  - { key: work, type: look }");
        }

        Assert.Equal("before", Assert.IsType<JournalEntry.Step>(seen![0]).Key);
        Assert.Equal(("work", 1), (Assert.IsType<JournalEntry.StepStarted>(seen[1]).Key, ((JournalEntry.StepStarted)seen[1]).Attempt));
    }

    [Theory]
    [InlineData("of_request", "other: is wrong.", FailureKind.Request)]
    [InlineData("of_request.inner[0]", "", FailureKind.Request)]
    [InlineData("other", "of_request: is wrong.", FailureKind.Config)]
    [InlineData(null, "of_request: is wrong.", FailureKind.Config)]
    [InlineData("", "of_request: is wrong.", FailureKind.Config)]
    public async Task A_wrong_config_is_the_request_s_fault_by_the_path_that_the_failure_names_whatever_its_message_says(string? path, string message, string kind)
    {
        var picky = new FakeNode("picky", Effect.Reply, (_, _, _) =>
            ValueTask.FromResult<NodeResult>(new NodeResult.Failed(new NodeFailure(FailureKind.Config, message) { ConfigPath = path })));
        await using var stage = new Stage(_directory, picky, FakeNode.Echo("fetch", Effect.External));

        var (answer, run) = await stage.RunAsync("""
              - { key: fetched, type: fetch, config: { value: 1 } }
              - { key: answer, type: picky, config: { of_request: "{{ trigger.output.body }}", other: "{{ fetched.output.value }}" } }
            """);

        Assert.Equal(kind, Assert.IsType<Answer.Failed>(answer).Failure.Kind);
        Assert.Equal(new NodeFailure(kind, message), run.Step("answer").Error);
    }

    [Fact]
    public async Task An_expression_that_fails_fails_its_step_with_its_place()
    {
        await using var stage = new Stage(_directory);

        var (answer, run) = await stage.RunAsync("""
              - { key: work, type: echo, config: { a: { b: "{{ trigger.output.body.name.toUpperCase() }}" } } }
              - { key: answer, type: reply, config: { text: a } }
            """);

        var failure = Assert.IsType<Answer.Failed>(answer).Failure;
        Assert.Equal(FailureKind.Expression, failure.Kind);
        Assert.Contains("work", failure.Message, StringComparison.Ordinal);
        Assert.Equal(StepStatus.Failed, run.Step("work").Status);
    }

    [Fact]
    public async Task A_node_gets_its_config_evaluated_and_a_context_of_its_own()
    {
        NodeContext? context = null;
        var node = new FakeNode("look", Effect.External, (_, given, _) =>
        {
            context = given;
            return FakeNode.Done();
        });
        await using var stage = new Stage(_directory, node);

        var (_, run) = await stage.RunAsync("""  - { key: work, type: look, config: { token: "{{ secrets.token }}" } }""");

        Assert.Equal((run.Header.Id.ToString(), "work", 1), (context!.RunId, context.StepKey, context.Attempt));
        Assert.Equal($"{run.Header.Id}:work", context.IdempotencyKey);
        Assert.Equal("hush-hush-9000", Assert.Single(context.Secrets).Value);
        Assert.Same(stage.Time, context.Time);
        Assert.Null(context.Wake);
        Assert.False((await context.Responder.ReplyAsync(new Reply(200), Token)).Sent);
    }

    [Fact]
    public async Task A_secret_is_masked_in_outputs_messages_and_replies_as_the_journal_keeps_them()
    {
        var leaks = new FakeNode("leak", Effect.External, (_, _, _) =>
            ValueTask.FromResult<NodeResult>(new NodeResult.Failed(new NodeFailure("refused", "hush-hush-9000 was no good"))));
        await using var stage = new Stage(_directory, leaks);

        var (answer, run) = await stage.RunAsync("""
              - { key: kept, type: echo, config: { token: "{{ secrets.token }}", "hush-hush-9000": 1 } }
              - { key: answer, type: reply, config: { text: "{{ kept.output.token }}" } }
              - { key: leak, type: leak, config: { token: "{{ secrets.token }}" } }
            """);

        Assert.Equal("hush-hush-9000"u8, Assert.IsType<Answer.Replied>(answer).Reply.Body.Span);
        Assert.Equal(-1, run.Entries.Span.IndexOf("hush-hush"u8));
        Assert.Equal(-1, run.Entries.Span.IndexOf(System.Text.Encoding.UTF8.GetBytes(Convert.ToBase64String("hush-hush-9000"u8))));
        Assert.Equal(("""{"token":"***","***":1}""", true), (run.Output("kept"), run.Step("kept").Masked));
        Assert.Equal("*** was no good", run.Ended().Error!.Message);
        Assert.Equal("***"u8, run.All().OfType<JournalEntry.Replied>().Single().Body.Span);
    }

    [Theory]
    [InlineData("to_json({ pw: secrets.quoted })")]
    [InlineData("to_json({ body: to_json({ pw: secrets.quoted }) })")]
    [InlineData("base64(secrets.quoted)")]
    [InlineData("base64(secrets.quoted, 'base64url')")]
    [InlineData("'Basic ' + base64('a:' + secrets.quoted + '.')")]
    [InlineData("'Basic ' + base64('ad:' + secrets.quoted + '.', 'base64url')")]
    [InlineData("base64('ada:' + secrets.quoted)")]
    [InlineData("'?key=' + encodeURIComponent(secrets.quoted)")]
    [InlineData("Object.entries({ [secrets.quoted]: secrets.token })")]
    [InlineData("[secrets.quoted, secrets.token].join(secrets.long)")]
    [InlineData("`${secrets.token}${secrets.quoted}`")]
    public async Task A_secret_is_masked_as_every_function_of_an_expression_spells_it(string expression)
    {
        await using var stage = new Stage(_directory);

        var (_, run) = await stage.RunAsync($$$"""  - { key: kept, type: echo, config: { value: "{{ {{{expression.Replace("\"", "\\\"", StringComparison.Ordinal)}}} }}" } }""");

        Assert.Contains("***", run.Output("kept"), StringComparison.Ordinal);
        // What no spelling changes, what base64 makes of the middle of it, and what a URL makes of it.
        Assert.All(["thx", "hush", "please", "InBsZWFzZS", "wbGVhc2", "JwbGVhc2U", "01-02"],
            part => Assert.DoesNotContain(part, run.Output("kept"), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("date_unix(secrets.long)")]
    [InlineData("date_parse(secrets.long, 'yyyy')")]
    [InlineData("date_add('2026-01-01', 1, secrets.long)")]
    [InlineData("date_format('2026-01-01', secrets.long)")]
    [InlineData("hash(secrets.long, 'text')")]
    [InlineData("hmac('sha256', 'key', 'text', secrets.long)")]
    [InlineData("base64('text', secrets.long)")]
    [InlineData("json(secrets.long)")]
    [InlineData("[1].map(x => date_unix(secrets.long))")]
    [InlineData("decodeURIComponent('%x' + secrets.long)")]
    [InlineData("('x').at(secrets.long).toFixed(1)")]
    public async Task The_message_of_a_failed_expression_quotes_no_part_of_a_secret(string expression)
    {
        await using var stage = new Stage(_directory);

        var (_, run) = await stage.RunAsync($$$"""  - { key: bad, type: echo, config: { value: "{{ {{{expression}}} }}" } }""");

        Assert.Equal(FailureKind.Expression, run.Ended().Error!.Kind);
        Assert.DoesNotContain("01-", run.Ended().Error!.Message, StringComparison.Ordinal);
        Assert.Equal(-1, run.Entries.Span.IndexOf("01-02"u8));
    }

    [Fact]
    public async Task A_failure_is_masked_before_it_is_cut()
    {
        var secret = string.Concat(Enumerable.Range(1, 40).Select(number => $"{number:00}-"));
        var fails = new FakeNode("leak", Effect.External, (_, _, _) =>
            ValueTask.FromResult<NodeResult>(new NodeResult.Failed(new NodeFailure("refused", new string('x', 3_990) + secret + new string('y', 10_000)))));
        await using var stage = new Stage(_directory, fails);

        var (_, run) = await stage.RunAsync("""  - { key: leak, type: leak, config: { token: "{{ secrets.long }}" } }""");

        Assert.Equal(new string('x', 3_990) + "***yyyyyyy…", run.Ended().Error!.Message);
    }

    [Fact]
    public async Task An_output_as_deep_as_a_node_may_give_one_is_read_back_and_passed_on()
    {
        var deep = $"{new string('[', 64)}{new string(']', 64)}";
        await using var stage = new Stage(_directory, new FakeNode("deep", Effect.None, (_, _, _) => FakeNode.Done(deep)));

        var (_, run) = await stage.RunAsync("""
              - { key: deep, type: deep }
              - { key: after, type: echo, config: { status: "{{ deep.status }}" } }
            """);

        Assert.Equal(RunStatus.Succeeded, run.Status);
        Assert.Equal(deep, run.Output("deep"));
    }
}
