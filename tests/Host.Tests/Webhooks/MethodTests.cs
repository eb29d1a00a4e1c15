namespace Sluice.Host.Tests.Webhooks;

/// <summary>What the host makes of HEAD and OPTIONS (RFC 9110, sections 9.3.2 and 9.3.7).</summary>
public sealed class MethodTests(SharedHost shared)
{
    private const string Reply = """  - { key: answer, type: webhook_response, config: { status: 203, body: "{{ trigger.output.method }}", headers: { X-Of: get } } }""";

    private TestHost Host => shared.Host;

    [Fact]
    public async Task Head_is_answered_as_get_less_the_body()
    {
        await Host.PublishAsync("head-by-get", Reply, "methods: [GET]");

        var get = await Host.GetAsync("/hooks/head-by-get");
        var head = await Host.SendAsync(HttpMethod.Head, "/hooks/head-by-get");

        Assert.Equal((203, "GET"), (get.Status, get.Body));
        Assert.Equal((203, ""), (head.Status, head.Body));
        Assert.Equal(("get", "4", "text/plain; charset=utf-8"), (head.Header("X-Of"), head.Header("Content-Length"), head.Header("Content-Type")));
        Assert.Equal(2, await Host.CountRunsAsync("head-by-get"));
    }

    [Fact]
    public async Task Head_is_refused_where_get_is()
    {
        await Host.PublishAsync("head-alone", Reply);

        var answer = await Host.SendAsync(HttpMethod.Head, "/hooks/head-alone");

        Assert.Equal((405, "", "POST, OPTIONS"), (answer.Status, answer.Body, answer.Header("Allow")));
    }

    [Fact]
    public async Task Options_are_the_methods_that_the_path_takes_and_no_run()
    {
        await Host.PublishAsync("options", Reply, "methods: [GET, DELETE]");

        var answer = await Host.SendAsync(HttpMethod.Options, "/hooks/options");

        Assert.Equal((204, "GET, DELETE, HEAD, OPTIONS"), (answer.Status, answer.Header("Allow")));
        Assert.Equal(0, await Host.CountRunsAsync("options"));
        Assert.Equal(404, (await Host.SendAsync(HttpMethod.Options, "/hooks/options/there-is-none")).Status);
    }

    [Fact]
    public async Task A_workflow_may_take_options_and_head_itself()
    {
        await Host.PublishAsync("options-itself", Reply, "methods: [OPTIONS, HEAD]");

        Assert.Equal((203, "OPTIONS"), ((await Host.SendAsync(HttpMethod.Options, "/hooks/options-itself")) is var answer ? answer.Status : 0, answer.Body));
        Assert.Equal(203, (await Host.SendAsync(HttpMethod.Head, "/hooks/options-itself")).Status);
    }
}
