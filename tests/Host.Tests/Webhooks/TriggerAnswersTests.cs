namespace Sluice.Host.Tests.Webhooks;

/// <summary>The answers that a trigger sets itself, and what a caller who hangs up does to its run.</summary>
public sealed class TriggerAnswersTests(SharedHost shared)
{
    private const string Reply = "  - { key: answer, type: webhook_response, config: { status: 201 } }";

    private TestHost Host => shared.Host;

    [Fact]
    public async Task The_acknowledgement_of_the_trigger_is_given_where_no_node_replies()
    {
        await Host.PublishAsync("own-ack", "  - { key: a, type: set, config: { values: { x: 1 } } }",
            """acknowledge: { status: 200, headers: { X-Queued: [a, b] }, body: { order: "{{ trigger.output.body.id }}", ok: true } }""");

        var answer = await Host.PostAsync("/hooks/own-ack", """{"id":17}""");

        Assert.Equal((200, """{"order":17,"ok":true}"""), (answer.Status, answer.Body));
        Assert.Equal(("application/json", "a, b"), (answer.Header("Content-Type"), answer.Header("X-Queued")));
        Assert.Equal("succeeded", (await Host.EndOfAsync(answer)).Status());
    }

    [Fact]
    public async Task The_acknowledgement_of_the_trigger_is_given_where_the_run_ends_well_without_having_replied()
    {
        await Host.PublishAsync("own-ack-silent", $"{Reply[..^2]}, when: false }}", """acknowledge: { status: 204 }""");

        var answer = await Host.PostAsync("/hooks/own-ack-silent");

        Assert.Equal((204, "", null), (answer.Status, answer.Body, answer.Header("Content-Type")));
        Assert.NotNull(answer.RunId);
    }

    [Fact]
    public async Task A_run_that_fails_is_no_acknowledgement()
    {
        await Host.PublishAsync("own-ack-failing", $"  - {{ key: work, type: probe, config: {{ do: fail }} }}\n{Reply}", "acknowledge: { status: 200 }");

        (await Host.PostAsync("/hooks/own-ack-failing")).IsProblem(500, "run-failed", hasRun: true);
    }

    [Fact]
    public async Task The_answer_on_deadline_of_the_trigger_takes_the_place_of_504_and_the_run_goes_on()
    {
        using var mark = new Mark();
        await Host.PublishAsync("own-late", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}\n{Reply}",
            """deadline: 50ms, on_deadline: { status: 202, body: "Order {{ trigger.output.body.id }} is being worked on.", content_type: text/plain }""");

        var answer = await Host.PostAsync("/hooks/own-late", """{"id":"o1"}""");

        Assert.Equal((202, "Order o1 is being worked on.", "text/plain"), (answer.Status, answer.Body, answer.Header("Content-Type")));
        mark.Open();
        var run = await Host.EndOfAsync(answer);
        Assert.Equal("succeeded", run.Status());
        Assert.False(run.Output("answer").GetProperty("sent").GetBoolean());
        Assert.Contains(run.Warnings(), warning => warning.Contains("50ms", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_that_can_not_be_made_of_this_request_is_the_hosts_own_and_a_warning()
    {
        using var mark = new Mark();
        await Host.PublishAsync("own-broken", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}",
            """acknowledge: { status: "{{ trigger.output.body.status }}" }""");

        var answer = await Host.PostAsync("/hooks/own-broken", """{"status":"teapot"}""");

        Assert.Equal((202, ""), (answer.Status, answer.Body));
        mark.Open();
        Assert.Contains((await Host.EndOfAsync(answer)).Warnings(), warning => warning.Contains("The status is not a whole number.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_caller_who_hangs_up_cancels_the_run_where_the_trigger_says_so()
    {
        using var mark = new Mark();
        await Host.PublishAsync("gone-cancel", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}\n{Reply}", "on_disconnect: cancel");

        await HangUpAsync("/hooks/gone-cancel", mark.EnteredAsync);

        await mark.CancelledAsync();
        var run = await Host.EndOfAsync(await OnlyRunAsync("gone-cancel"));
        Assert.Equal("cancelled", run.Status());
        Assert.Contains(run.Warnings(), warning => warning.Contains("disconnected", StringComparison.Ordinal) && warning.Contains("on_disconnect", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_caller_who_hangs_up_cancels_a_run_that_is_suspended_too()
    {
        await Host.PublishAsync("gone-suspended", $"  - {{ key: pause, type: probe, config: {{ do: suspend, value: 3600000 }} }}\n{Reply}", "on_disconnect: cancel");

        await HangUpAsync("/hooks/gone-suspended", async () => await Host.WhenListedAsync("gone-suspended", "suspended"));

        var run = (await Host.WhenListedAsync("gone-suspended", "cancelled")).GetProperty("id").GetString();
        Assert.Contains((await Host.RunAsync(run)).Warnings(), warning => warning.Contains("on_disconnect", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_caller_who_hangs_up_after_the_answer_cancels_nothing()
    {
        using var mark = new Mark();
        await Host.PublishAsync("gone-late", $"{Reply}\n  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}", "on_disconnect: cancel");

        // The connection is closed once the answer is read, while the run is at its second step.
        var answer = await Host.SendRawAsync("POST /hooks/gone-late HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}");

        Assert.StartsWith("HTTP/1.1 201", answer, StringComparison.Ordinal);
        await mark.EnteredAsync();
        mark.Open();
        Assert.Equal("succeeded", (await Host.EndOfAsync(await OnlyRunAsync("gone-late"))).Status());
    }

    private async Task HangUpAsync(string path, Func<Task> when)
    {
        using var caller = new CancellationTokenSource();
        var waiting = Host.Http.PostAsync(path, new StringContent("{}", null, "application/json"), caller.Token);
        await when();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private async Task<string?> OnlyRunAsync(string workflow) =>
        Assert.Single((await Host.GetAsync($"/api/runs?workflow={workflow}")).Json.EnumerateArray()).GetProperty("id").GetString();
}
