using Sluice.Engine.Outbound;
using Sluice.Sdk;

namespace Sluice.Host.Tests.Outbound;

/// <summary>The guard from end to end: the http node of a running host, and a host as the other side.</summary>
public sealed class GuardedHttpClientTests(SharedHost shared)
{
    private TestHost Host => shared.Host;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("[::1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("2130706433")]
    [InlineData("0x7f.1")]
    public async Task The_http_node_does_not_reach_loopback_under_any_name(string name)
    {
        var error = await FailAsync(Host, $"http://{name}:{Host.Port}/healthz");

        Assert.Equal("refused", error.Kind);
        Assert.Contains("is a private address. Allow its network with Http:Allow", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_is_not_allowed_throws_the_exception_of_the_sdk()
    {
        using var client = GuardedHttpClient.Create(new AddressGuard(allowPrivate: false, []));

        var thrown = await Assert.ThrowsAsync<AddressNotAllowedException>(() => client.GetAsync(new Uri("http://127.0.0.1:9/"), TestContext.Current.CancellationToken));

        Assert.Equal(HttpRequestError.ConnectionError, thrown.HttpRequestError);
        // Plugins that were built against SDK 1.1 or older recognize it by these words.
        Assert.StartsWith("Refused by the host: 127.0.0.1 is a private address.", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_of_several_requests_to_an_address_that_is_not_allowed_gets_its_own_exception()
    {
        using var client = GuardedHttpClient.Create(new AddressGuard(allowPrivate: false, []));

        var thrown = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Assert.ThrowsAsync<AddressNotAllowedException>(() => client.GetAsync(new Uri("http://127.0.0.1:9/"), TestContext.Current.CancellationToken))));

        Assert.Equal(8, thrown.Distinct().Count());
    }

    [Fact]
    public async Task A_node_in_a_process_of_its_own_gets_the_same_exception()
    {
        using var folder = new TestFolder();
        await using var host = await TestHost.StartAsync(folder, ("Plugins:Isolation:Http", "process"));

        var error = await FailAsync(host, $"http://127.0.0.1:{host.Port}/healthz");

        // Any other exception of the client would be `unavailable`.
        Assert.Equal("refused", error.Kind);
        Assert.Contains("127.0.0.1 is a private address", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_metadata_address_stays_refused_where_private_ones_are_allowed()
    {
        using var folder = new TestFolder();
        await using var host = await TestHost.StartAsync(folder, ("Http:AllowPrivate", "true"));

        Assert.Contains("no node may reach", (await FailAsync(host, "http://169.254.169.254/latest/meta-data/")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_to_an_address_that_is_not_allowed_is_refused()
    {
        using var folder = new TestFolder();
        await using var host = await TestHost.StartAsync(folder, ("Http:Allow:0", "127.0.0.1/32"));
        await host.PublishAsync(
            "elsewhere",
            """  - { key: answer, type: webhook_response, config: { status: 302, headers: { Location: "{{ trigger.output.query.to }}" } } }""",
            "methods: [GET]");

        Assert.Contains(
            "127.0.0.2 is a private address", (await FailAsync(host, $"{host.Address}/hooks/elsewhere?to=http://127.0.0.2:{host.Port}/healthz")).Message, StringComparison.Ordinal);
        Assert.Contains(
            "no node may reach", (await FailAsync(host, $"{host.Address}/hooks/elsewhere?to=http://169.254.169.254/")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_allowed_address_is_reached_and_a_redirect_to_it_followed()
    {
        using var folder = new TestFolder();
        await using var host = await TestHost.StartAsync(folder, ("Http:Allow:0", "127.0.0.1/32"));
        await host.PublishAsync(
            "elsewhere",
            """  - { key: answer, type: webhook_response, config: { status: 302, headers: { Location: /healthz } } }""",
            "methods: [GET]");
        await host.PublishAsync("call", $"  - {{ key: call, type: http, config: {{ url: \"{host.Address}/hooks/elsewhere\" }} }}");

        var run = await host.EndOfAsync(await host.PostAsync("/hooks/call"));

        Assert.Equal("alive\n", run.Output("call").Text("body"));
    }

    private static async Task<(string? Kind, string Message)> FailAsync(TestHost host, string url)
    {
        var name = $"call-{Guid.NewGuid():N}";
        await host.PublishAsync(name, $"  - {{ key: call, type: http, config: {{ url: \"{url}\" }} }}");
        var error = (await host.EndOfAsync(await host.PostAsync($"/hooks/{name}"))).GetProperty("error");
        return (error.Text("kind"), error.Text("message")!);
    }
}
