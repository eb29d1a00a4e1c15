namespace Sluice.Host.Tests.Webhooks;

/// <summary>What a workflow makes of a request has bounds of its own; to go beyond them is no fault of the caller's.</summary>
public sealed class OutputBoundTests
{
    private const string Body = """{"text":"TEXT"}""";

    [Theory]
    [InlineData("probe")]
    [InlineData("pure_probe")]
    public async Task A_step_whose_output_is_too_large_fails_and_nothing_of_the_output_is_kept(string node)
    {
        using var folder = new TestFolder();
        await using var host = await TestHost.StartAsync(folder, ("Runs:MaxOutputBytes", "2048"));
        await host.PublishAsync("large", $"  - {{ key: work, type: {node}, config: {{ do: give, value: \"{{{{ trigger.output.body.text }}}}\" }} }}\n  - {{ key: answer, type: webhook_response, config: {{ status: 200 }} }}");

        var within = await host.PostAsync("/hooks/large", Body.Replace("TEXT", new string('x', 1500), StringComparison.Ordinal));
        var beyond = await host.PostAsync("/hooks/large", Body.Replace("TEXT", new string('x', 2500), StringComparison.Ordinal));

        Assert.Equal(200, within.Status);
        beyond.IsProblem(500, "run-failed", hasRun: true);
        var step = (await host.EndOfAsync(beyond)).Step("work");
        Assert.Equal("failed", step.GetProperty("status").GetString());
        Assert.Equal("output_too_large", step.GetProperty("error").GetProperty("kind").GetString());
        Assert.Contains("Runs:MaxOutputBytes", step.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("xxxx", step.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("probe", "context")]
    [InlineData("pure_probe", "context")]
    [InlineData("probe", "process")]
    [InlineData("pure_probe", "process")]
    public async Task A_large_output_is_stored_apart_and_read_by_later_steps_in_either_isolation(string node, string isolation)
    {
        using var folder = new TestFolder();
        await using var host = await TestHost.StartAsync(folder, ("Plugins:Isolation:Probes", isolation));
        await host.PublishAsync("apart", $$$"""
              - { key: work, type: {{{node}}}, config: { do: give, value: "{{ trigger.output.body.text }}" } }
              - { key: after, type: {{{node}}}, config: { do: give, value: "{{ work.output.value }}" } }
              - { key: answer, type: webhook_response, config: { status: 200, body: "{{ after.output }}" } }
            """);
        var text = new string('x', 1_000_000);

        var answer = await host.PostAsync("/hooks/apart", Body.Replace("TEXT", text, StringComparison.Ordinal));

        Assert.Equal((200, $$"""{"value":"{{text}}"}"""), (answer.Status, answer.Body));
        var run = await host.EndOfAsync(answer);
        Assert.All(["work", "after"], step => Assert.Equal(1_000_012, run.Step(step).GetProperty("output_bytes").GetInt32()));
        Assert.Equal(answer.Body, (await host.GetAsync($"/api/runs/{answer.RunId}/outputs/work")).Body);
    }

    [Fact]
    public async Task A_reply_that_is_too_long_is_no_fault_of_the_callers()
    {
        using var folder = new TestFolder();
        await using var host = await TestHost.StartAsync(folder, ("Webhooks:MaxReplyBytes", "100"));
        await host.PublishAsync("long", "  - { key: answer, type: webhook_response, config: { status: 200, body: \"{{ trigger.output.body.text }}\", body_type: raw } }");

        var within = await host.PostAsync("/hooks/long", Body.Replace("TEXT", new string('x', 100), StringComparison.Ordinal));
        var beyond = await host.PostAsync("/hooks/long", Body.Replace("TEXT", new string('x', 101), StringComparison.Ordinal));

        Assert.Equal(200, within.Status);
        beyond.IsProblem(500, "run-failed", hasRun: true);
        Assert.Contains("Webhooks:MaxReplyBytes", (await host.EndOfAsync(beyond)).Step("answer").GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }
}
