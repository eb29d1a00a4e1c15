using System.Net;
using System.Text.Json;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Tests.Webhooks;

/// <summary>What the caller gets: one test for each row of the published contract.</summary>
public sealed class AnswerTests(SharedHost shared)
{
    private const string Reply = "  - { key: answer, type: webhook_response, config: { status: 201, headers: { X-Kind: made }, body: { ok: true } } }";

    private TestHost Host => shared.Host;

    [Fact]
    public async Task A_workflow_without_a_replying_node_is_answered_202_empty_once_the_run_is_durable()
    {
        using var mark = new Mark();
        await Host.PublishAsync("ack", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}");

        var answer = await Host.PostAsync("/hooks/ack");

        Assert.Equal(202, answer.Status);
        Assert.Equal("", answer.Body);
        Assert.Equal("0", answer.Header("Content-Length"));
        Assert.Equal("running", (await Host.RunAsync(answer.RunId)).GetProperty("status").GetString());
        mark.Open();
        var run = await Host.EndOfAsync(answer);
        Assert.Equal("succeeded", run.GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Null, run.GetProperty("reply").ValueKind);
    }

    [Fact]
    public async Task A_replying_node_answers_at_once_and_the_run_goes_on()
    {
        using var mark = new Mark();
        await Host.PublishAsync("reply", $"{Reply}\n  - {{ key: after, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}");

        var answer = await Host.PostAsync("/hooks/reply");

        Assert.Equal(201, answer.Status);
        Assert.Equal("made", answer.Header("X-Kind"));
        Assert.Equal("application/json", answer.Header("Content-Type"));
        Assert.Equal("""{"ok":true}""", answer.Body);
        await mark.EnteredAsync();
        Assert.Equal("running", (await Host.RunAsync(answer.RunId)).GetProperty("status").GetString());
        mark.Open();
        var run = await Host.EndOfAsync(answer);
        Assert.Equal("succeeded", run.GetProperty("status").GetString());
        var reply = run.GetProperty("reply");
        Assert.Equal(201, reply.GetProperty("status").GetInt32());
        Assert.Equal("made", reply.GetProperty("headers").GetProperty("X-Kind").GetString());
        Assert.Equal("application/json", reply.GetProperty("headers").GetProperty("content-type").GetString());
        Assert.Equal("""{"ok":true}""", reply.GetProperty("body").GetString());
        Assert.True(reply.GetProperty("sent_at").GetDateTimeOffset() >= run.GetProperty("started_at").GetDateTimeOffset());
        Assert.Equal(["answer", "after"], run.Steps().Select(step => step.GetProperty("key").GetString()));
    }

    [Fact]
    public async Task A_run_that_ends_well_without_having_replied_is_answered_202_empty()
    {
        await Host.PublishAsync("silent", $"{Reply[..^2]}, when: \"{{{{ trigger.output.body.loud }}}}\" }}");

        var answer = await Host.PostAsync("/hooks/silent", """{"loud":false}""");

        Assert.Equal((202, ""), (answer.Status, answer.Body));
        var run = await Host.EndOfAsync(answer);
        Assert.Equal("succeeded", run.GetProperty("status").GetString());
        Assert.Equal("skipped", run.Step("answer").GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("fail", "refused", "The probe fails.")]
    [InlineData("throw", "defect", "the probe throws")]
    public async Task A_run_that_fails_before_it_replied_is_answered_500_at_once(string what, string kind, string message)
    {
        await Host.PublishAsync($"failing-{what}", $"  - {{ key: work, type: probe, config: {{ do: {what} }} }}\n{Reply}", "deadline: 1h");

        var answer = await Host.PostAsync($"/hooks/failing-{what}");

        answer.IsProblem(500, "run-failed", hasRun: true);
        Assert.DoesNotContain(message, answer.Body, StringComparison.Ordinal);
        var run = await Host.EndOfAsync(answer);
        Assert.Equal("failed", run.GetProperty("status").GetString());
        Assert.Equal(kind, run.GetProperty("error").GetProperty("kind").GetString());
        var error = Assert.Single(run.Steps()).GetProperty("error");
        Assert.Contains(message, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_stopped_as_failed_before_it_replied_is_answered_500()
    {
        await Host.PublishAsync("stopped", $"  - {{ key: end, type: stop, config: {{ outcome: failed, message: no lines }} }}\n{Reply}");

        var answer = await Host.PostAsync("/hooks/stopped");

        answer.IsProblem(500, "run-failed", hasRun: true);
        Assert.Equal("no lines", (await Host.EndOfAsync(answer)).GetProperty("error").GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_run_that_is_cancelled_before_it_replied_is_answered_500()
    {
        using var mark = new Mark();
        await Host.PublishAsync("cancelled", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}\n{Reply}");
        var waiting = Host.PostAsync("/hooks/cancelled");
        await mark.EnteredAsync();
        var id = (await Host.GetAsync("/api/runs?workflow=cancelled&status=running")).Json[0].GetProperty("id").GetString();

        Assert.Equal(200, (await Host.SendAsync(HttpMethod.Post, $"/api/runs/{id}/cancel")).Status);

        var answer = await waiting;
        answer.IsProblem(500, "run-cancelled", hasRun: true);
        Assert.Equal(id, answer.RunId);
        await mark.CancelledAsync();
        Assert.Equal("cancelled", (await Host.EndOfAsync(answer)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_passed_deadline_is_answered_504_and_the_run_goes_on_to_a_reply_that_is_not_sent()
    {
        using var mark = new Mark();
        await Host.PublishAsync("late", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}\n{Reply}", "deadline: 50ms");

        var answer = await Host.PostAsync("/hooks/late");

        answer.IsProblem(504, "deadline-passed", hasRun: true);
        Assert.Equal("running", (await Host.RunAsync(answer.RunId)).GetProperty("status").GetString());
        mark.Open();
        var run = await Host.EndOfAsync(answer);
        Assert.Equal("succeeded", run.GetProperty("status").GetString());
        Assert.False(run.Output("answer").GetProperty("sent").GetBoolean());
        Assert.Contains("deadline", run.Output("answer").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, run.GetProperty("reply").ValueKind);
        Assert.Contains(run.Warnings(), warning => warning.Contains("50ms", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_that_blocks_its_thread_does_not_hold_back_the_answer_of_the_deadline()
    {
        using var mark = new Mark();
        await Host.PublishAsync("blocking", $"  - {{ key: work, type: probe, config: {{ do: block, mark: {mark.Name} }} }}\n{Reply}", "deadline: 50ms");

        var answer = await Host.PostAsync("/hooks/blocking");

        answer.IsProblem(504, "deadline-passed", hasRun: true);
        mark.Open();
        Assert.Equal("succeeded", (await Host.EndOfAsync(answer)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_second_reply_is_ignored_with_a_reason_and_a_warning()
    {
        await Host.PublishAsync("twice", $"{Reply}\n  - {{ key: again, type: webhook_response, config: {{ status: 500 }} }}");

        var answer = await Host.PostAsync("/hooks/twice");

        Assert.Equal(201, answer.Status);
        var run = await Host.EndOfAsync(answer);
        Assert.Equal("succeeded", run.GetProperty("status").GetString());
        Assert.True(run.Output("answer").GetProperty("sent").GetBoolean());
        Assert.False(run.Output("again").GetProperty("sent").GetBoolean());
        Assert.Contains("replies once", run.Output("again").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains(run.Warnings(), warning => warning.Contains("again", StringComparison.Ordinal));
        Assert.Equal(201, run.GetProperty("reply").GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task A_second_reply_of_the_same_step_is_ignored_too()
    {
        await Host.PublishAsync("twice-in-one", "  - { key: answer, type: reply_probe, config: { do: reply_twice } }");

        var answer = await Host.PostAsync("/hooks/twice-in-one");

        Assert.Equal((201, "first"), (answer.Status, answer.Body));
        var run = await Host.EndOfAsync(answer);
        Assert.False(run.Output("answer").GetProperty("sent").GetBoolean());
        Assert.Single(run.Warnings());
    }

    [Fact]
    public async Task A_caller_who_hangs_up_does_not_end_the_run_and_the_run_says_so()
    {
        using var mark = new Mark();
        await Host.PublishAsync("gone", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}\n{Reply}");
        using (var caller = new CancellationTokenSource())
        {
            var waiting = Host.Http.PostAsync("/hooks/gone", new StringContent("{}", null, "application/json"), caller.Token);
            await mark.EnteredAsync();
            await caller.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        var id = (await Host.GetAsync("/api/runs?workflow=gone")).Json[0].GetProperty("id").GetString();
        await WarnedAsync(id);
        mark.Open();
        var run = await Host.EndOfAsync(id);
        Assert.Equal("succeeded", run.GetProperty("status").GetString());
        Assert.False(run.Output("answer").GetProperty("sent").GetBoolean());
        Assert.Contains("disconnected", run.Output("answer").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains(run.Warnings(), warning => warning.Contains("disconnected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reply_in_a_run_that_nobody_waits_for_succeeds_and_says_that_nothing_was_sent()
    {
        using var mark = new Mark();
        await Host.PublishAsync("retried", $"  - {{ key: work, type: probe, config: {{ do: fail_until_open, mark: {mark.Name} }} }}\n{Reply}");
        var answer = await Host.PostAsync("/hooks/retried");
        answer.IsProblem(500, "run-failed", hasRun: true);
        await Host.EndOfAsync(answer);

        mark.Open();
        Assert.Equal(200, (await Host.SendAsync(HttpMethod.Post, $"/api/runs/{answer.RunId}/retry")).Status);

        var run = await Host.WhenAsync(answer.RunId, run => run.GetProperty("status").GetString() == "succeeded");
        Assert.False(run.Output("answer").GetProperty("sent").GetBoolean());
        Assert.Contains("Nobody waits", run.Output("answer").GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_path_is_answered_404_and_starts_nothing()
    {
        var answer = await Host.PostAsync("/hooks/there-is-no-such-path");

        answer.IsProblem(404, "no-webhook", hasRun: false);
    }

    [Fact]
    public async Task A_wrong_method_is_answered_405_with_those_that_are_allowed()
    {
        await Host.PublishAsync("methods", Reply, "methods: [POST, PUT]");

        var answer = await Host.GetAsync("/hooks/methods");

        answer.IsProblem(405, "method-not-allowed", hasRun: false);
        Assert.Equal(["OPTIONS", "POST", "PUT"], answer.Header("Allow")!.Split(", ").Order());
        Assert.Equal(0, await Host.CountRunsAsync("methods"));
    }

    [Fact]
    public async Task A_disabled_workflow_is_answered_404_until_it_is_enabled()
    {
        await Host.PublishAsync("resting", Reply);
        Assert.Equal(200, (await Host.SendAsync(HttpMethod.Post, "/api/workflows/resting/disable")).Status);

        (await Host.PostAsync("/hooks/resting")).IsProblem(404, "no-webhook", hasRun: false);

        Assert.Equal(200, (await Host.SendAsync(HttpMethod.Post, "/api/workflows/resting/enable")).Status);
        Assert.Equal(201, (await Host.PostAsync("/hooks/resting")).Status);
        Assert.Equal(1, await Host.CountRunsAsync("resting"));
    }

    [Theory]
    [InlineData("""{"a":""", "application/json", null, 400, "not-parsable")]
    [InlineData("<a>", "application/vnd.made+json", null, 400, "not-parsable")]
    [InlineData("{}", "not a type at all", null, 415, "unsupported-type")]
    [InlineData("hello", "text/plain; charset=klingon", null, 415, "unsupported-type")]
    [InlineData("hello", "text/plain; charset=utf-7", null, 415, "unsupported-type")]
    [InlineData("{}", "application/json", "zstd", 415, "unsupported-type")]
    public async Task What_can_not_be_read_is_refused_before_a_run_exists(string body, string contentType, string? encoding, int status, string type)
    {
        var name = $"picky-{Guid.NewGuid():N}";
        await Host.PublishAsync(name, Reply);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/{name}") { Content = new StringContent(body) };
        request.Content.Headers.Remove("Content-Type");
        request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        if (encoding is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        }

        (await Host.SendAsync(request)).IsProblem(status, type, hasRun: false);

        Assert.Equal(0, await Host.CountRunsAsync(name));
    }

    [Fact]
    public async Task More_runs_than_the_host_takes_are_answered_503_with_retry_after()
    {
        using var folder = new TestFolder();
        using var mark = new Mark();
        await using var host = await TestHost.StartAsync(folder, ("Runs:Max", "1"));
        await host.PublishAsync("work", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}");
        await host.PublishAsync("full", Reply);
        var first = await host.PostAsync("/hooks/work");
        Assert.Equal(202, first.Status);

        var second = await host.PostAsync("/hooks/full");

        second.IsProblem(503, "too-many-runs", hasRun: false);
        Assert.Equal("1", second.Header("Retry-After"));
        Assert.Equal(0, await host.CountRunsAsync("full"));
        mark.Open();
        await host.EndOfAsync(first);
        Assert.Equal(201, (await host.PostAsync("/hooks/full")).Status);
    }

    [Fact]
    public async Task A_draining_host_answers_503_with_retry_after()
    {
        using var folder = new TestFolder();
        await using var host = await TestHost.StartAsync(folder);
        await host.PublishAsync("drain", Reply);

        host.Get<Admission>().Drain();

        var answer = await host.PostAsync("/hooks/drain");
        answer.IsProblem(503, "draining", hasRun: false);
        Assert.Equal("5", answer.Header("Retry-After"));
        Assert.Equal(0, await host.CountRunsAsync("drain"));
        Assert.Equal((503, "draining\n"), ((await host.GetAsync("/readyz")).Status, (await host.GetAsync("/readyz")).Body));
    }

    [Fact]
    public async Task An_answer_to_head_has_the_headers_and_no_body()
    {
        await Host.PublishAsync("head", Reply, "methods: [HEAD]");

        var answer = await Host.SendAsync(HttpMethod.Head, "/hooks/head");

        Assert.Equal((201, ""), (answer.Status, answer.Body));
        Assert.Equal("11", answer.Header("Content-Length"));
        Assert.Equal("succeeded", (await Host.EndOfAsync(answer)).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task A_status_that_has_no_body_is_sent_without_one(int status)
    {
        await Host.PublishAsync($"empty-{status}", $"  - {{ key: answer, type: webhook_response, config: {{ status: {status} }} }}");

        var answer = await Host.PostAsync($"/hooks/empty-{status}");

        Assert.Equal((status, ""), (answer.Status, answer.Body));
        Assert.Null(answer.Header("Content-Length"));
    }

    // Nothing tells a test that Kestrel has noticed a lost connection, so the API is asked until the run says it.
    private async Task WarnedAsync(string? id)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TestHost.Patience);
        while (!(await Host.RunAsync(id)).Warnings().Any())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
