using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Crash.Tests;

/// <summary>A host with a limit of 1,024 files, and more connections than that.</summary>
public sealed class IdleConnectionTests
{
    private const int Files = 1024;
    private const int Hostile = 1300;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("POST /hooks/plain HTTP/1.1\r\nHost: loc")]
    [InlineData("POST /hooks/plain HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")]
    public async Task However_many_connections_wait_for_nothing_an_honest_caller_is_answered_and_the_host_lives(string sent)
    {
        using var folders = new HostFolders("plain");
        await using var host = await HostProcess.StartAsync(folders, files: Files);
        var hostile = new List<Socket>();
        try
        {
            for (var count = 0; count < Hostile; count++)
            {
                hostile.Add(await OpenAsync(host.Address, sent));
            }

            for (var number = 0; number < 20; number++)
            {
                // A connection of its own each time, as a stranger has who comes only now.
                using var caller = new HostClient(host);
                var answer = await caller.PostAsync("plain", number);
                for (var again = 0; answer.Status == 503 && again < 1000; again++)
                {
                    // Told to come again: the connections before it are new as well.
                    answer = await caller.PostAsync("plain", number);
                }

                Assert.True(answer.Status == 200, $"{answer}\n{host.Output}");
                Assert.NotNull(await caller.ShowAsync(answer.Run!));
            }
        }
        finally
        {
            hostile.ForEach(socket => socket.Dispose());
        }

        using var next = new HostClient(host);
        Assert.Equal(200, (await next.PostAsync("plain", 0)).Status);
        host.Terminate();
        Assert.Equal(0, await host.ExitAsync());
    }

    [Fact]
    public async Task With_too_few_files_the_host_says_so_and_does_not_start()
    {
        using var folders = new HostFolders("plain");

        var (exit, output) = await HostProcess.FailToStartAsync(folders, folders.Plugins, files: 200);

        Assert.Equal(1, exit);
        Assert.Contains("ulimit -n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    private static async Task<Socket> OpenAsync(Uri address, string sent)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, address.Port), Token);
            await socket.SendAsync(Encoding.ASCII.GetBytes(sent), Token);
        }
        catch (SocketException)
        {
            // Closed already, to make room for another.
        }

        return socket;
    }
}
