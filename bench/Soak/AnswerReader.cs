using System.Buffers.Text;
using System.Net.Sockets;

namespace Sluice.Bench.Soak;

/// <summary>Reads one answer off a connection into a buffer that it keeps: the status, once the last byte of the body is there.</summary>
internal sealed class AnswerReader
{
    private readonly byte[] _buffer = new byte[16 * 1024];

    /// <param name="socket">The connection.</param>
    /// <param name="atOnce">How many bytes are read at once, at most.</param>
    /// <param name="pause">How long it waits after each time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The connection ended first, or what came is no answer with a length.</exception>
    public async ValueTask<int> ReadAsync(Socket socket, int atOnce, TimeSpan pause, CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(_buffer.AsMemory(length, Math.Min(atOnce, _buffer.Length - length)), cancellationToken);
            if (read == 0)
            {
                throw new IOException("The host ended the connection before its answer.");
            }

            length += read;
            if (IsWhole(length))
            {
                return Utf8Parser.TryParse(_buffer.AsSpan(9, 3), out int status, out _) ? status : throw new IOException("No status in the answer.");
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
            : throw new IOException("No length in the answer.");
    }
}
