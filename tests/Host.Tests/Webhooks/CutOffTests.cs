using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Sluice.Host.Tests.Webhooks;

/// <summary>Callers that close their sending side, or their whole connection, before they have a response.</summary>
public sealed class CutOffTests(SharedHost shared)
{
    private const string Reply = "  - { key: answer, type: webhook_response, config: { status: 200, body: done } }";
    private const string Length = "Content-Length: 10";
    private const string Chunked = "Transfer-Encoding: chunked";

    private TestHost Host => shared.Host;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Length, "", "0 of 10 bytes")]
    [InlineData(Length, "[1,2", "4 of 10 bytes")]
    [InlineData(Chunked, "", "before its last chunk")]
    [InlineData(Chunked, "4\r\n[1,2\r\n", "before its last chunk")]
    [InlineData(Chunked, "4\r\n[1", "before its last chunk")]
    [InlineData(Chunked, "3\r\n[1]\r\n0\r\n", "before its last chunk")]
    public async Task A_body_that_is_cut_off_gets_400_whether_or_not_the_host_is_reading_it_already(string framing, string body, string detail)
    {
        var name = await PublishAsync(Reply);

        await using (var caller = await Caller.ConnectAsync(Host.Port))
        {
            await caller.SendAsync(Head(name, framing) + body);
            caller.EndInput();
            AssertCutOff(await caller.ReadToEndAsync(), detail);
        }

        await using (var caller = await Caller.ConnectAsync(Host.Port))
        {
            // The host says so once it waits for the body.
            await caller.SendAsync(Head(name, framing, "Expect: 100-continue\r\n"));
            Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await caller.ReadAsync());
            await caller.SendAsync(body);
            caller.EndInput();
            AssertCutOff(await caller.ReadToEndAsync(), detail);
        }

        Assert.Equal(0, await Host.CountRunsAsync(name));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/octet-stream")]
    public async Task A_large_body_that_is_cut_off_gets_400(string contentType)
    {
        var name = await PublishAsync(Reply);
        await using var caller = await Caller.ConnectAsync(Host.Port);

        await caller.SendAsync(Head(name, "Content-Length: 4000000", contentType: contentType) + new string(' ', 3_000_000));
        caller.EndInput();

        AssertCutOff(await caller.ReadToEndAsync(), "3000000 of 4000000 bytes");
        Assert.Equal(0, await Host.CountRunsAsync(name));
    }

    [Fact]
    public async Task What_was_cut_off_is_never_read_as_a_request()
    {
        var name = await PublishAsync(Reply);
        await using var caller = await Caller.ConnectAsync(Host.Port);

        await caller.SendAsync(Head("nowhere", "Content-Length: 1000") + Head(name, "Content-Length: 0"));
        caller.EndInput();

        Assert.Equal(["404"], StatusesOf(await caller.ReadToEndAsync()));
        Assert.Equal(0, await Host.CountRunsAsync(name));
    }

    [Fact]
    public async Task A_caller_that_ends_its_input_after_complete_requests_gets_every_response()
    {
        var name = await PublishAsync(Reply);
        for (var round = 0; round < 20; round++)
        {
            await using var caller = await Caller.ConnectAsync(Host.Port);
            await caller.SendAsync(Head(name, "Content-Length: 2") + "[]" + Head(name, Chunked) + "2\r\n[]\r\n0\r\n\r\n" + Head(name, "Content-Length: 0"));
            caller.EndInput();
            Assert.Equal(["200", "200", "200"], StatusesOf(await caller.ReadToEndAsync()));
        }
    }

    [Theory]
    [InlineData(Length, "[1,2,3,45]")]
    [InlineData(Chunked, "4\r\n[1,2\r\n1\r\n]\r\n0\r\n\r\n")]
    public async Task A_request_whose_body_nobody_read_keeps_no_response_from_those_after_it(string framing, string body)
    {
        var name = await PublishAsync(Reply);
        var (rejected, accepted) = (Head("nowhere", framing) + body, Head(name, framing) + body);
        await using var caller = await Caller.ConnectAsync(Host.Port);

        await caller.SendAsync(rejected + accepted + rejected + rejected + accepted);
        caller.EndInput();

        Assert.Equal(["404", "200", "404", "404", "200"], StatusesOf(await caller.ReadToEndAsync()));
    }

    [Fact]
    public async Task A_caller_that_ends_its_input_inside_of_a_head_starts_no_run()
    {
        var name = await PublishAsync(Reply);
        await using var caller = await Caller.ConnectAsync(Host.Port);

        await caller.SendAsync(Head(name, Length)[..^2]);
        caller.EndInput();

        Assert.Equal(["400"], StatusesOf(await caller.ReadToEndAsync()));
        Assert.Equal(0, await Host.CountRunsAsync(name));
    }

    [Fact]
    public async Task A_caller_that_ends_its_input_and_gets_no_response_in_a_moment_has_left()
    {
        using var mark = new Mark();
        var name = await PublishAsync($"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}\n{Reply}");
        await using var caller = await Caller.ConnectAsync(Host.Port);

        await caller.SendAsync(Head(name, "Content-Length: 2") + "[]");
        caller.EndInput();

        Assert.Equal("", await caller.ReadToEndAsync());
        var id = (await Host.WhenListedAsync(name, "running")).Text("id");
        // The run notices after the caller does that the connection is closed.
        while (!(await Host.RunAsync(id)).Warnings().Any(warning => warning.Contains("disconnected", StringComparison.Ordinal)))
        {
            Token.ThrowIfCancellationRequested();
        }

        mark.Open();
        await Host.EndOfAsync(id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_whose_caller_has_left_keeps_no_place(bool isReset)
    {
        using var folder = new TestFolder();
        await using var host = await TestHost.StartAsync(folder);
        await host.PublishAsync("work", Reply);
        for (var count = 0; count < 50; count++)
        {
            await using var caller = await Caller.ConnectAsync(host.Port);
            await caller.SendAsync(Head("work", Length) + "[");
            caller.Leave(isReset);
        }

        await WhenNobodyIsConnectedAsync(host);

        Assert.Equal(0, await host.CountRunsAsync("work"));
    }

    [Theory]
    [InlineData(Length, "[1,2")]
    [InlineData(Chunked, "4\r\n[1,2\r\n")]
    public async Task A_connection_that_is_lost_inside_of_a_body_logs_no_error(string framing, string body)
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Data, "..", "log.txt");
        await using (var host = await TestHost.StartAsync(
            folder,
            ("Serilog:MinimumLevel:Default", "Error"),
            ("Serilog:MinimumLevel:Override:Microsoft", "Error"),
            ("Serilog:WriteTo:0:Name", "File"),
            ("Serilog:WriteTo:0:Args:path", file)))
        {
            await host.PublishAsync("work", Reply);
            for (var count = 0; count < 20; count++)
            {
                await using var caller = await Caller.ConnectAsync(host.Port);
                await caller.SendAsync(Head("work", framing, "Expect: 100-continue\r\n"));
                await caller.ReadAsync();
                await caller.SendAsync(body);
                caller.Leave(isReset: true);
            }

            await WhenNobodyIsConnectedAsync(host);
        }

        Assert.Equal("", File.Exists(file) ? await File.ReadAllTextAsync(file, Token) : "");
    }

    private static async Task WhenNobodyIsConnectedAsync(TestHost host)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TestHost.Patience);
        while (!(await host.GetAsync("/metrics")).Body.Contains("\nsluice_connections{listener=\"webhooks\"} 0\n", StringComparison.Ordinal))
        {
            await Task.Yield();
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    private static void AssertCutOff(string answer, string detail)
    {
        Assert.Equal(["400"], StatusesOf(answer));
        Assert.Contains("urn:sluice:problem:broken-request", answer, StringComparison.Ordinal);
        Assert.Contains(detail, answer, StringComparison.Ordinal);
    }

    private static IEnumerable<string> StatusesOf(string answers) => Regex.Matches(answers, "HTTP/1.1 ([0-9]{3})").Select(match => match.Groups[1].Value);

    private static string Head(string name, string framing, string more = "", string contentType = "application/json") =>
        string.Create(CultureInfo.InvariantCulture, $"POST /hooks/{name} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {contentType}\r\n{more}{framing}\r\n\r\n");

    private async Task<string> PublishAsync(string steps)
    {
        var name = $"cut-off-{Guid.NewGuid():N}";
        await Host.PublishAsync(name, steps);
        return name;
    }

    /// <summary>A connection whose two directions end on their own.</summary>
    private sealed class Caller(Socket socket) : IAsyncDisposable
    {
        public static async Task<Caller> ConnectAsync(int port)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, port, Token);
            return new Caller(socket);
        }

        public async Task SendAsync(string text)
        {
            var bytes = Encoding.Latin1.GetBytes(text);
            for (var sent = 0; sent < bytes.Length;)
            {
                sent += await socket.SendAsync(bytes.AsMemory(sent), Token);
            }
        }

        public void EndInput() => socket.Shutdown(SocketShutdown.Send);

        public void Leave(bool isReset)
        {
            socket.LingerState = new LingerOption(isReset, 0);
            socket.Dispose();
        }

        public async Task<string> ReadAsync()
        {
            var buffer = new byte[16 * 1024];
            return Encoding.Latin1.GetString(buffer, 0, await socket.ReceiveAsync(buffer, Token).AsTask().WaitAsync(TestHost.Patience, Token));
        }

        public async Task<string> ReadToEndAsync()
        {
            var all = new StringBuilder();
            while (await ReadAsync() is { Length: > 0 } piece)
            {
                all.Append(piece);
            }

            return all.ToString();
        }

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return default;
        }
    }
}
