using System.Text.Json;

namespace Sluice.Host.Tests.Api;

public sealed class RunRoutesTests(SharedHost shared)
{
    private const string Reply = "  - { key: answer, type: webhook_response, config: { body: ok } }";

    private TestHost Host => shared.Host;

    [Fact]
    public async Task A_run_is_shown_with_all_that_the_surface_names()
    {
        await Host.PublishAsync("shape", Reply);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hooks/shape?a=1&b=2&b=3") { Content = new StringContent("{\"x\":1}", null, "application/json") };
        request.Headers.Add("Authorization", "Bearer of-the-sender");
        request.Headers.Add("X-Plain", "seen");

        var run = await Host.EndOfAsync(await Host.SendAsync(request));

        Assert.Equal(
            ["id", "workflow", "version", "status", "trigger", "started_at", "finished_at", "error", "message", "reply", "steps", "warnings"],
            run.EnumerateObject().Select(member => member.Name));
        Assert.Equal(
            ["key", "type", "status", "attempt", "port", "output", "output_bytes", "error", "started_at", "duration_ms", "plugin", "wake_at", "signal"],
            run.Step("answer").EnumerateObject().Select(member => member.Name));
        Assert.Equal(["status", "headers", "body", "sent_at"], run.GetProperty("reply").EnumerateObject().Select(member => member.Name));
        var trigger = run.GetProperty("trigger");
        Assert.Equal(("webhook", "POST", "/hooks/shape"), (trigger.Text("type"), trigger.Text("method"), trigger.Text("path")));
        Assert.Equal("""{"a":"1","b":["2","3"]}""", trigger.GetProperty("query").Compact());
        Assert.Equal("""{"x":1}""", trigger.Text("body"));
        Assert.Equal(("***", "seen"), (trigger.GetProperty("headers").Text("authorization"), trigger.GetProperty("headers").Text("x-plain")));
        Assert.Equal("127.0.0.1", trigger.Text("remote_ip"));
        Assert.Equal(("shape", 1, "succeeded"), (run.Text("workflow"), run.GetProperty("version").GetInt32(), run.Status()));
        Assert.Equal("Notifications", run.Step("answer").GetProperty("plugin").Text("name"));
        Assert.Matches("^[0-9a-f]{64}$", run.Step("answer").GetProperty("plugin").Text("hash"));
    }

    [Fact]
    public async Task A_secret_is_masked_wherever_a_run_shows_it()
    {
        await Host.PublishAsync("masked", """
              - { key: kept, type: set, config: { values: { token: "Bearer {{ secrets.token }}" } } }
              - { key: answer, type: webhook_response, config: { headers: { X-Token: "{{ kept.output.token }}" }, body: "{{ kept.output }}" } }
              - { key: end, type: stop, config: { message: "ended with {{ secrets.token }}" } }
            """);

        var answer = await Host.PostAsync("/hooks/masked?key=hush-hush-9000", """{"key":"hush-hush-9000"}""");

        Assert.Equal(("Bearer hush-hush-9000", """{"token":"Bearer hush-hush-9000"}"""), (answer.Header("X-Token"), answer.Body));
        var run = await Host.EndOfAsync(answer);
        Assert.DoesNotContain("hush-hush-9000", run.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("Bearer ***", run.Output("kept").Text("token"));
        Assert.Equal("""{"key":"***"}""", run.GetProperty("trigger").Text("body"));
        Assert.Equal("ended with ***", run.Text("message"));
        Assert.Equal("Bearer ***", run.GetProperty("reply").GetProperty("headers").Text("X-Token"));
    }

    [Fact]
    public async Task A_large_output_is_shown_by_its_size_and_fetched_apart_with_its_secrets_masked()
    {
        await Host.PublishAsync("large-output", """
              - { key: kept, type: set, config: { values: { token: "{{ secrets.token }}", text: "{{ 'x'.repeat(300000) }}" } } }
              - { key: answer, type: webhook_response, config: { body: "{{ kept.output.token }}" } }
            """);

        var answer = await Host.PostAsync("/hooks/large-output");

        Assert.Equal("hush-hush-9000", answer.Body);
        var run = await Host.EndOfAsync(answer);
        var expected = $$"""{"token":"***","text":"{{new string('x', 300_000)}}"}""";
        Assert.Equal((JsonValueKind.Null, expected.Length), (run.Step("kept").GetProperty("output").ValueKind, run.Step("kept").GetProperty("output_bytes").GetInt32()));
        Assert.Equal(JsonValueKind.Null, run.Step("answer").GetProperty("output_bytes").ValueKind);
        var large = await Host.GetAsync($"/api/runs/{answer.RunId}/outputs/kept");
        Assert.Equal((200, "application/json", expected), (large.Status, large.Header("Content-Type"), large.Body));
        Assert.True((await Host.GetAsync($"/api/runs/{answer.RunId}/outputs/answer")).Json.GetProperty("sent").GetBoolean());
    }

    [Fact]
    public async Task An_output_that_is_not_there_is_answered_404()
    {
        await Host.PublishAsync("no-output", "  - { key: maybe, type: set, when: false, config: { values: {} } }\n" + Reply);
        var answer = await Host.PostAsync("/hooks/no-output");
        await Host.EndOfAsync(answer);

        foreach (var path in new[] { $"{answer.RunId}/outputs/maybe", $"{answer.RunId}/outputs/other", $"{Guid.CreateVersion7()}/outputs/answer", "no-id/outputs/answer" })
        {
            (await Host.GetAsync($"/api/runs/{path}")).IsProblem(404, "not-found", hasRun: false);
        }
    }

    [Fact]
    public async Task Runs_are_listed_newest_first_by_workflow_and_status_and_in_pages()
    {
        await Host.PublishAsync("listed", "  - { key: answer, type: webhook_response, config: { status: \"{{ trigger.output.body.status }}\" } }");
        var ids = new List<string?>();
        foreach (var status in new[] { 200, 99, 200, 99, 200 })
        {
            var answer = await Host.PostAsync("/hooks/listed", $$"""{"status":{{status}}}""");
            await Host.EndOfAsync(answer);
            ids.Insert(0, answer.RunId);
        }

        Assert.Equal(ids, await IdsAsync("workflow=listed"));
        Assert.Equal([ids[1], ids[3]], await IdsAsync("workflow=listed&status=failed"));
        Assert.Equal([ids[0], ids[1]], await IdsAsync("workflow=listed&limit=2"));
        Assert.Equal([ids[2], ids[3]], await IdsAsync($"workflow=listed&limit=2&before={ids[1]}"));
        Assert.Empty(await IdsAsync("workflow=listed&status=suspended"));
        var first = (await Host.GetAsync("/api/runs?workflow=listed&limit=1")).Json[0];
        Assert.Equal(["id", "workflow", "version", "status", "trigger", "started_at", "finished_at"], first.EnumerateObject().Select(member => member.Name));
    }

    [Theory]
    [InlineData("status=lost", "succeeded")]
    [InlineData("status=7", "succeeded")]
    [InlineData("limit=0", "1 to 1000")]
    [InlineData("limit=many", "1 to 1000")]
    [InlineData("before=yesterday", "run ID")]
    public async Task A_wrong_filter_is_answered_400_with_the_cure(string query, string cure)
    {
        var answer = await Host.GetAsync($"/api/runs?{query}");

        answer.IsProblem(400, "bad-query", hasRun: false);
        Assert.Contains(cure, answer.Json.Text("detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("POST", "/cancel")]
    [InlineData("POST", "/retry")]
    public async Task A_run_that_is_not_there_is_answered_404(string method, string action)
    {
        (await Host.SendAsync(HttpMethod.Parse(method), $"/api/runs/{Guid.CreateVersion7()}{action}")).IsProblem(404, "not-found", hasRun: false);
        (await Host.SendAsync(HttpMethod.Parse(method), $"/api/runs/no-id{action}")).IsProblem(404, "not-found", hasRun: false);
    }

    [Fact]
    public async Task A_run_that_has_ended_well_can_be_neither_cancelled_nor_retried()
    {
        await Host.PublishAsync("over", Reply);
        var answer = await Host.PostAsync("/hooks/over");
        await Host.EndOfAsync(answer);

        (await Host.SendAsync(HttpMethod.Post, $"/api/runs/{answer.RunId}/cancel")).IsProblem(409, "conflict", hasRun: false);
        (await Host.SendAsync(HttpMethod.Post, $"/api/runs/{answer.RunId}/retry")).IsProblem(409, "conflict", hasRun: false);
    }

    [Fact]
    public async Task A_suspended_run_shows_until_when_and_can_be_cancelled()
    {
        await Host.PublishAsync("asleep", "  - { key: pause, type: probe, config: { do: suspend, value: 3600000 } }");
        var answer = await Host.PostAsync("/hooks/asleep");

        var run = await Host.WhenAsync(answer.RunId, run => run.Status() == "suspended");
        Assert.True(run.Step("pause").GetProperty("wake_at").GetDateTimeOffset() > run.GetProperty("started_at").GetDateTimeOffset().AddMinutes(59));
        Assert.Equal(200, (await Host.SendAsync(HttpMethod.Post, $"/api/runs/{answer.RunId}/cancel")).Status);

        Assert.Equal("cancelled", (await Host.RunAsync(answer.RunId)).Status());
    }

    [Fact]
    public async Task A_retried_run_goes_on_from_the_step_that_failed_under_the_same_key()
    {
        using var mark = new Mark();
        using var before = new Mark();
        await Host.PublishAsync("again", $$"""
              - { key: before, type: probe, config: { do: pass, mark: {{before.Name}} } }
              - { key: work, type: probe, config: { do: fail_until_open, mark: {{mark.Name}} } }
            """);
        var answer = await Host.PostAsync("/hooks/again");
        Assert.Equal("failed", (await Host.EndOfAsync(answer)).Status());

        mark.Open();
        Assert.Equal(200, (await Host.SendAsync(HttpMethod.Post, $"/api/runs/{answer.RunId}/retry")).Status);

        var run = await Host.WhenAsync(answer.RunId, run => run.Status() == "succeeded");
        Assert.Single(before.Calls);
        Assert.Equal([$"1 {answer.RunId}:work", $"2 {answer.RunId}:work"], mark.Calls);
        Assert.Equal(["failed", "succeeded"], run.Steps().Where(step => step.Text("key") == "work").Select(step => step.Status()));
        Assert.Equal(JsonValueKind.Null, run.GetProperty("error").ValueKind);
    }

    private async Task<string?[]> IdsAsync(string query) =>
        [.. (await Host.GetAsync($"/api/runs?{query}")).Json.EnumerateArray().Select(run => run.Text("id"))];
}
