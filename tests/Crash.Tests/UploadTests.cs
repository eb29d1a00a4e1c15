using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Crash.Tests;

/// <summary>A host that is killed while a file comes in.</summary>
public sealed class UploadTests
{
    private const int FileBytes = 4 * 1024 * 1024;
    private const int SentBytes = 3 * 1024 * 1024;

    [Fact]
    public async Task An_upload_that_a_kill_cut_off_leaves_no_run_and_no_file_and_can_be_sent_again()
    {
        using var folders = new HostFolders("plain");
        await using (var host = await HostProcess.StartAsync(folders))
        {
            using var caller = await SendHalfAsync(host.Address);
            await WhenSpooledAsync(folders, host);
            host.Kill();
            await host.ExitAsync();
        }

        Assert.NotEqual(0, BytesIn(folders, "incoming"));

        await using var next = await HostProcess.StartAsync(folders);
        using var client = new HostClient(next);
        Assert.Equal(0, BytesIn(folders, "incoming"));
        Assert.Equal(0, BytesIn(folders, "blobs"));
        Assert.Empty(await client.ListAsync());

        Assert.Equal(HttpStatusCode.OK, await SendWholeAsync(next.Address));
        Assert.Equal(FileBytes, BytesIn(folders, "blobs"));
    }

    private static async Task<TcpClient> SendHalfAsync(Uri address)
    {
        var body = Form();
        var caller = new TcpClient();
        await caller.ConnectAsync(address.Host, address.Port);
        var head = $"POST /hooks/plain HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: {body.Length}\r\n\r\n";
        await caller.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
        await caller.GetStream().WriteAsync(body.AsMemory(0, SentBytes));
        return caller;
    }

    private static async Task<HttpStatusCode> SendWholeAsync(Uri address)
    {
        using var http = new HttpClient();
        using var content = new ByteArrayContent(Form());
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        using var response = await http.PostAsync(new Uri(address, "/hooks/plain"), content);
        return response.StatusCode;
    }

    private static byte[] Form() =>
    [
        .. "--x\r\nContent-Disposition: form-data; name=\"number\"\r\n\r\n1\r\n"u8,
        .. "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n"u8,
        .. Enumerable.Range(0, FileBytes).Select(index => (byte)index),
        .. "\r\n--x--\r\n"u8,
    ];

    // Most of what was sent lies on the disk: the host is in the middle of it.
    private static async Task WhenSpooledAsync(HostFolders folders, HostProcess host)
    {
        using var client = new HostClient(host);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (BytesIn(folders, "incoming") < SentBytes / 2)
        {
            Assert.False(patience.IsCancellationRequested, string.Create(CultureInfo.InvariantCulture, $"{BytesIn(folders, "incoming")} bytes came.\n{host.Output}"));
            Assert.Empty(await client.ListAsync());
        }
    }

    private static long BytesIn(HostFolders folders, string folder) =>
        new DirectoryInfo(Path.Combine(folders.Data, folder)).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
}
