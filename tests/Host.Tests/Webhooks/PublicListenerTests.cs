using System.Net.Sockets;

namespace Sluice.Host.Tests.Webhooks;

/// <summary>Public and private never share an origin: what each listener serves, and what it does not.</summary>
public sealed class PublicListenerTests(SharedHost shared)
{
    private TestHost Host => shared.Host;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/api/workflows")]
    [InlineData("PUT", "/api/workflows/planted")]
    [InlineData("GET", "/api/runs")]
    [InlineData("GET", "/api/docs/")]
    [InlineData("GET", "/api/openapi/admin.json")]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/")]
    [InlineData("GET", "/hooks-not")]
    public async Task The_public_listener_has_nothing_of_the_admin_api(string method, string path)
    {
        var answer = await AskAsync(Host.Address, method, path);

        answer.IsProblem(404, "not-found", hasRun: false);
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
    }

    [Theory]
    [InlineData("/hooks/private")]
    [InlineData("/runs/019ca945-0a00-7f20-b79a-3f5fbc07a1b3?token=x")]
    public async Task The_admin_listener_has_nothing_of_the_webhooks(string path)
    {
        await Host.PublishAsync("private", "  - { key: answer, type: webhook_response }", "methods: [GET]");

        var answer = await AskAsync(Host.AdminAddress, "GET", path);

        Assert.Equal((404, null), (answer.Status, answer.RunId));
    }

    [Fact]
    public async Task Both_say_whether_the_host_is_well()
    {
        foreach (var address in new[] { Host.Address, Host.AdminAddress })
        {
            Assert.Equal((200, "alive\n"), Short(await AskAsync(address, "GET", "/healthz")));
            Assert.Equal((200, "ready\n"), Short(await AskAsync(address, "GET", "/readyz")));
            Assert.Equal(405, (await AskAsync(address, "POST", "/readyz")).Status);
        }

        Assert.Equal((200, ""), Short(await AskAsync(Host.Address, "HEAD", "/readyz")));
    }

    [Fact]
    public async Task A_host_listens_on_unix_sockets_too()
    {
        using var folder = new TestFolder();
        var (webhooks, admin) = (Path.Combine(folder.Secrets, "webhooks"), Path.Combine(folder.Secrets, "admin"));
        await using var server = await Sluice.Host.Composition.HostServer.StartAsync(
            new Dictionary<string, string?>
            {
                ["Urls"] = $"http://unix:{webhooks}",
                ["Admin:Urls"] = $"http://unix:{admin}",
                ["Data:Directory"] = folder.Data,
                ["Workflows:Directory"] = folder.Workflows,
                ["Serilog:MinimumLevel:Default"] = "Fatal",
            },
            Token);

        Assert.Equal((200, "alive\n"), Short(await AskAsync("http://localhost", "GET", "/healthz", webhooks)));
        Assert.Equal(200, (await AskAsync("http://localhost", "GET", "/api/runs", admin)).Status);
        Assert.Equal(404, (await AskAsync("http://localhost", "GET", "/api/runs", webhooks)).Status);
    }

    private static (int, string) Short(Received answer) => (answer.Status, answer.Body);

    private static async Task<Received> AskAsync(string address, string method, string path, string? socket = null)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            ConnectCallback = socket is null ? null : async (_, cancellationToken) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                return new NetworkStream(connection, ownsSocket: true);
            },
        });
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(new Uri(address), path));
        using var response = await http.SendAsync(request, Token);
        return await Received.ReadAsync(response, Token);
    }
}
