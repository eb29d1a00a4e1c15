using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Host.Tests.Listening;

/// <summary>A request whose end two parties could see in different places is refused, and what follows on its connection is never read as another.</summary>
public sealed class FramingTests(SharedHost shared)
{
    private const string Chunks = "8\r\n{\"id\":1}\r\n0\r\n\r\n";

    private TestHost Host => shared.Host;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", "HTTP/1.1", "Content-Length: +8\r\n", "{\"id\":1}")]
    [InlineData("POST", "HTTP/1.1", "Content-Length: -0\r\n", "")]
    [InlineData("POST", "HTTP/1.1", "Content-Length: 8,8\r\n", "{\"id\":1}")]
    [InlineData("POST", "HTTP/1.1", "Content-Length: 8\r\nContent-Length: 8\r\n", "{\"id\":1}")]
    [InlineData("POST", "HTTP/1.1", "Content-Length: 0x8\r\n", "{\"id\":1}")]
    [InlineData("POST", "HTTP/1.1", "Content-Length: 00000000000000000000000008\r\n", "{\"id\":1}")]
    [InlineData("POST", "HTTP/1.1", "Content-Length : 8\r\n", "{\"id\":1}")]
    [InlineData("POST", "HTTP/1.1", "Transfer-Encoding: gzip, chunked\r\n", Chunks)]
    [InlineData("POST", "HTTP/1.1", "Transfer-Encoding: chunked, chunked\r\n", Chunks)]
    [InlineData("POST", "HTTP/1.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", Chunks)]
    [InlineData("POST", "HTTP/1.1", "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", Chunks)]
    [InlineData("POST", "HTTP/1.1", "Transfer-Encoding: identity, chunked\r\n", Chunks)]
    [InlineData("POST", "HTTP/1.1", "Transfer-Encoding: , chunked\r\n", Chunks)]
    [InlineData("POST", "HTTP/1.1", "Transfer-Encoding: chunked;q=1\r\n", Chunks)]
    [InlineData("POST", "HTTP/1.1", "Transfer-Encoding: identity\r\n", Chunks)]
    [InlineData("POST", "HTTP/1.1", "Transfer-Encoding: \u000bchunked\r\n", Chunks)]
    [InlineData("POST", "HTTP/1.1", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", Chunks)]
    [InlineData("POST", "HTTP/1.1", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", Chunks)]
    [InlineData("GET", "HTTP/1.1", "Transfer-Encoding: gzip, chunked\r\n", Chunks)]
    [InlineData("POST", "HTTP/1.0", "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n", Chunks)]
    [InlineData("POST", "HTTP/1.1", "Content-Length: 8\n", "{\"id\":1}")]
    [InlineData("POST", "HTTP/1.1", "Content-Length: 8\r\nX-Lf: a\nTransfer-Encoding: chunked\r\n", "{\"id\":1}")]
    [InlineData("POST", "HTTP/1.1\nX-Lf: a", "Content-Length: 8\r\n", "{\"id\":1}")]
    [InlineData("POST", "HTTP/1.1", "Content-Length: 8\r\n\n", "{\"id\":1}")]
    [InlineData("POST", "HTTP/1.1", "Transfer-Encoding: chunked\r\n", "8\n{\"id\":1}\r\n0\r\n\r\n")]
    [InlineData("POST", "HTTP/1.1", "Transfer-Encoding: chunked\r\n", "8\r\n{\"id\":1}\n0\r\n\r\n")]
    [InlineData("POST", "HTTP/1.1", "Transfer-Encoding: chunked\r\n", "+8\r\n{\"id\":1}\r\n0\r\n\r\n")]
    public async Task A_request_of_ambiguous_length_is_answered_400_and_ends_its_connection(string method, string version, string framing, string body)
    {
        await Host.PublishAsync("framed", "  - { key: answer, type: webhook_response }", "methods: [POST, GET]");
        foreach (var (port, path) in new[] { (Host.Port, "/hooks/framed"), (new Uri(Host.AdminAddress).Port, "/api/runs/none/cancel") })
        {
            var received = await SendAsync(port, $"{method} {path} {version}\r\nHost: localhost\r\nContent-Type: application/json\r\n{framing}\r\n{body}GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");

            Assert.StartsWith("HTTP/1.1 4", received, StringComparison.Ordinal);
            Assert.DoesNotContain("alive", received, StringComparison.Ordinal);
            Assert.DoesNotContain("HTTP/1.1 2", received, StringComparison.Ordinal);
        }

        Assert.Equal(0, await Host.CountRunsAsync("framed"));
    }

    [Fact]
    public async Task The_refusal_of_a_transfer_coding_is_a_problem_with_the_cure()
    {
        var received = await SendAsync(Host.Port, $"POST /hooks/none HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n{Chunks}");

        Assert.StartsWith("HTTP/1.1 400 ", received, StringComparison.Ordinal);
        Assert.Contains("urn:sluice:problem:ambiguous-length", received, StringComparison.Ordinal);
        Assert.Contains("Send either Content-Length, or Transfer-Encoding: chunked", received, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", received, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("Content-Length: 8\r\n", "{\"id\":1}")]
    [InlineData("Content-Length:8\r\n", "{\"id\":1}")]
    [InlineData("Content-Length:   8  \r\n", "{\"id\":1}")]
    [InlineData("Content-Length: 008\r\n", "{\"id\":1}")]
    [InlineData("Transfer-Encoding: chunked\r\n", Chunks)]
    [InlineData("transfer-encoding: Chunked\r\n", Chunks)]
    [InlineData("Transfer-Encoding: chunked\r\n", "8;a=b\r\n{\"id\":1}\r\n0\r\nX: y\r\n\r\n")]
    public async Task A_request_of_one_length_is_read_and_so_is_the_next(string framing, string body)
    {
        await Host.PublishAsync("well-framed", """  - { key: answer, type: webhook_response, config: { body: "{{ trigger.output.body }}" } }""");

        var received = await SendAsync(
            Host.Port, $"POST /hooks/well-framed HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{framing}\r\n{body}GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", received, StringComparison.Ordinal);
        Assert.Contains("{\"id\":1}HTTP/1.1 200 OK", received, StringComparison.Ordinal);
        Assert.EndsWith("alive\n", received, StringComparison.Ordinal);
    }

    // All that comes until the host ends the connection.
    private static async Task<string> SendAsync(int port, string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, Token);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text), Token);
        using var received = new MemoryStream();
        try
        {
            await stream.CopyToAsync(received, Token).WaitAsync(TestHost.Patience, Token);
        }
        catch (IOException)
        {
            // Reset, because it did not read the rest.
        }

        return Encoding.Latin1.GetString(received.ToArray());
    }
}
