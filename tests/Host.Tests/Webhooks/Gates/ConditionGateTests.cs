namespace Sluice.Host.Tests.Webhooks.Gates;

/// <summary>The trigger's <c>when</c>, over real HTTP.</summary>
public sealed class ConditionGateTests : IAsyncLifetime
{
    private const string Steps = "  - { key: ack, type: webhook_response, config: { status: 201 } }";

    private readonly TestFolder _folder = new();
    private TestHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await TestHost.StartAsync(_folder);

    [Fact]
    public async Task A_request_that_the_condition_is_true_of_starts_a_run()
    {
        await _host.PublishAsync("large", Steps, """when: "{{ trigger.output.body.amount > 100 }}" """);

        Assert.Equal(201, (await _host.PostAsync("/hooks/large", """{"amount":101}""")).Status);
    }

    [Fact]
    public async Task A_request_that_the_condition_is_not_true_of_gets_204_and_no_run()
    {
        await _host.PublishAsync("large", Steps, """when: "{{ trigger.output.body.amount > 100 }}" """);

        var answer = await _host.PostAsync("/hooks/large", """{"amount":100}""");

        Assert.Equal((204, "", null), (answer.Status, answer.Body, answer.RunId));
        Assert.Equal(0, await _host.CountRunsAsync("large"));
    }

    [Fact]
    public async Task A_condition_that_hits_a_limit_is_the_requests_fault()
    {
        await _host.PublishAsync("endless", Steps, """when: "{{ trigger.output.body.text.repeat(trigger.output.body.times).length > 1 }}" """);

        (await _host.PostAsync("/hooks/endless", """{"text":"a","times":9000000}""")).IsProblem(422, "unusable-request", hasRun: false);
        Assert.Equal(0, await _host.CountRunsAsync("endless"));
    }

    [Fact]
    public async Task A_condition_that_fails_is_a_problem_and_no_run()
    {
        await _host.PublishAsync("broken", Steps, """when: "{{ trigger.output.body.list.map(x => x) }}" """);

        (await _host.PostAsync("/hooks/broken", "{}")).IsProblem(500, "condition-failed", hasRun: false);
        Assert.Equal(0, await _host.CountRunsAsync("broken"));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }
}
