using System.Buffers.Text;
using System.Net.Sockets;

namespace Sluice.Bench.Soak;

/// <summary>Reads one response from a connection into a reused buffer; returns its status after the last byte of the body.</summary>
internal sealed class AnswerReader
{
    private readonly byte[] _buffer = new byte[16 * 1024];

    /// <param name="socket">The connection.</param>
    /// <param name="atOnce">The maximum number of bytes per read.</param>
    /// <param name="pause">The pause after each read.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="IOException">The connection ended first, or the response has no status or length.</exception>
    public async ValueTask<int> ReadAsync(Socket socket, int atOnce, TimeSpan pause, CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(_buffer.AsMemory(length, Math.Min(atOnce, _buffer.Length - length)), cancellationToken);
            if (read == 0)
            {
                throw new IOException("The host closed the connection before it responded.");
            }

            length += read;
            if (IsWhole(length))
            {
                return Utf8Parser.TryParse(_buffer.AsSpan(9, 3), out int status, out _) ? status : throw new IOException("The response has no status.");
            }

            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, cancellationToken);
            }
        }
    }

    private bool IsWhole(int length)
    {
        var received = _buffer.AsSpan(0, length);
        var end = received.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        var name = "Content-Length: "u8;
        var at = received[..end].IndexOf(name);
        return at >= 0 && Utf8Parser.TryParse(received[(at + name.Length)..], out int body, out _)
            ? length >= end + 4 + body
            : throw new IOException("The response has no length.");
    }
}
