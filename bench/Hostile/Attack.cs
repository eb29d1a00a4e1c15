using System.IO.Compression;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Bench.Hostile;

/// <summary>An attack over one connection: what is sent, how slowly, and whether the response is read.</summary>
/// <param name="Name">The name in the report.</param>
/// <param name="Opening">Sent at once.</param>
/// <param name="Drip">Sent once a second until the connection ends; empty for nothing.</param>
/// <param name="ReadsResponse">Whether the response is read.</param>
/// <param name="HangsUp">Whether the connection is reset right after the opening.</param>
internal sealed record Attack(string Name, ReadOnlyMemory<byte> Opening, ReadOnlyMemory<byte> Drip = default, bool ReadsResponse = true, bool HangsUp = false)
{
    private const int LargeBody = 4 * 1024 * 1024;

    private static readonly ReadOnlyMemory<byte> OneByte = "x"u8.ToArray();

    /// <summary>Creates all attacks on the webhook at <paramref name="url"/>.</summary>
    public static IReadOnlyList<Attack> On(Uri url)
    {
        var plain = Post(url, "Content-Type: application/json\r\n", Encoding.ASCII.GetBytes("""{"id":"evt_1"}"""));
        return
        [
            new("silent", default),
            new("half a head", Encoding.ASCII.GetBytes($"POST {url.AbsolutePath} HTTP/1.1\r\nHost: {url.Authority}\r\nX-Slow: "), OneByte),
            new("slow body", Head(url, "Content-Type: application/json\r\n", LargeBody), OneByte),
            new("never reads", Repeat(plain, 200), plain, ReadsResponse: false),
            new("hangs up", plain, HangsUp: true),
            new("flood", plain),
            new("empty lists", Post(url, "Content-Type: application/json\r\n", Filled("[", "[],", "[]]"))),
            new("empty fields", Post(url, "Content-Type: application/x-www-form-urlencoded\r\n", Filled("", "&", ""))),
            new("many members", Post(url, "Content-Type: application/json\r\n", Encoding.ASCII.GetBytes($"{{{string.Join(',', Enumerable.Range(0, 200_000).Select(index => $"\"k{index}\":{index}"))}}}"))),
            new("deep list", Post(url, "Content-Type: application/json\r\n", Filled("", "[", ""))),
            new("gzip bomb", Post(url, "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", Bomb())),
            new("two lengths", Encoding.ASCII.GetBytes($"POST {url.AbsolutePath} HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Length: +2\r\nTransfer-Encoding: gzip, chunked\r\n\r\n{{}}")),
            new("not HTTP", Encoding.Latin1.GetBytes(string.Concat(Enumerable.Range(0, 2000).Select(index => (char)(index * 7919 % 256))))),
            new("unknown paths", Encoding.ASCII.GetBytes($"GET /hooks/{Guid.NewGuid()} HTTP/1.1\r\nHost: {url.Authority}\r\n\r\n")),
        ];
    }

    /// <summary>Runs it once; returns when the host closes the connection or responds, or when the attack is over.</summary>
    public async Task CarryOutAsync(Socket socket, CancellationToken cancellationToken)
    {
        await SendAsync(socket, Opening, cancellationToken);
        if (HangsUp)
        {
            return;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadsResponse ? ReadAsync(socket, over.Token) : Task.Delay(Timeout.Infinite, over.Token);
        var dripping = Drip.IsEmpty ? Task.Delay(Timeout.Infinite, over.Token) : DripAsync(socket, over.Token);
        await await Task.WhenAny(reading, dripping);
        await over.CancelAsync();
        await Task.WhenAll(reading, dripping).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes[sent..], cancellationToken);
        }
    }

    private async Task DripAsync(Socket socket, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            await SendAsync(socket, Drip, cancellationToken);
        }
    }

    // The first bytes of a response are enough; without a response, wait until the host closes the connection.
    private static async Task ReadAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[512];
        await socket.ReceiveAsync(buffer, cancellationToken);
    }

    private static byte[] Post(Uri url, string headers, byte[] body) => [.. Head(url, headers, body.Length).Span, .. body];

    private static ReadOnlyMemory<byte> Head(Uri url, string headers, int length) => Encoding.ASCII.GetBytes(
        $"POST {url.AbsolutePath} HTTP/1.1\r\nHost: {url.Authority}\r\nX-Event: payment\r\n{headers}Content-Length: {length}\r\n\r\n");

    private static byte[] Filled(string start, string piece, string end) => Encoding.ASCII.GetBytes(
        $"{start}{string.Concat(Enumerable.Repeat(piece, LargeBody / piece.Length))}{end}");

    private static byte[] Repeat(byte[] bytes, int count) => [.. Enumerable.Repeat(bytes, count).SelectMany(static part => part)];

    private static byte[] Bomb()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            var zeros = new byte[1024 * 1024];
            for (var count = 0; count < 200; count++)
            {
                gzip.Write(zeros);
            }
        }

        return packed.ToArray();
    }
}
