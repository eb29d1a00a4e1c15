using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Sluice.Host.Tests.Webhooks.Fuzz;

/// <summary>Carries out one <see cref="Exchange"/> over a socket of its own, and says what is wrong with what came back.</summary>
internal static partial class FuzzedCaller
{
    /// <summary>How long a caller who stays goes on listening, for the first byte of an answer and after each. Nothing is asserted on them.</summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(1), NextLook = TimeSpan.FromMilliseconds(100);

    /// <summary>The frame with which the web server sends away who speaks HTTP/2 without TLS (RFC 9113, section 6.8).</summary>
    private const string GoAway = "\0\0\u0008\u0007\0";

    /// <summary>Null where the host did as it should; else the law that it broke, and the answers.</summary>
    public static async Task<string?> TryAsync(int port, Exchange exchange, CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Longer than the web server takes to give up on a head that never ends (30 s), which is the longest of its own bounds that a case can meet.
        bound.CancelAfter(TestHost.Patience);
        try
        {
            var received = await SendAsync(port, exchange, bound.Token);
            return exchange.IsAmbiguous && AnyAnswer().Matches(received) is { Count: > 0 } answers && !(answers is [var one] && one.Groups[1].Value.StartsWith('4'))
                ? $"A request of ambiguous length was taken, or what followed it: {received}"
                : Judge(received);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"The connection had neither an answer nor an end after {TestHost.Patience}.";
        }
    }

    /// <summary>All that the host sent.</summary>
    private static async Task<string> SendAsync(int port, Exchange exchange, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        var received = new StringBuilder();
        try
        {
            foreach (var segment in exchange.Segments)
            {
                await socket.SendAsync(Encoding.Latin1.GetBytes(segment), cancellationToken);
            }

            if (exchange.Ending == Ending.HangUp)
            {
                socket.LingerState = new LingerOption(true, 0);
                return "";
            }

            if (exchange.Ending == Ending.HalfClose)
            {
                socket.Shutdown(SocketShutdown.Send);
            }

            await ReadAsync(socket, exchange.Ending, received, cancellationToken);
        }
        catch (SocketException)
        {
            // The host may reset a connection that it refuses to read on.
        }

        return received.ToString();
    }

    private static async Task ReadAsync(Socket socket, Ending ending, StringBuilder received, CancellationToken cancellationToken)
    {
        var piece = new byte[16 * 1024];
        var isOpen = ending != Ending.HalfClose;
        while (true)
        {
            var reading = socket.ReceiveAsync(piece, cancellationToken).AsTask();
            if (isOpen && (ending == Ending.Stay || received.Length > 0))
            {
                try
                {
                    await reading.WaitAsync(received.Length == 0 ? FirstLook : NextLook, cancellationToken);
                }
                catch (TimeoutException)
                {
                    isOpen = false;
                    socket.Shutdown(SocketShutdown.Send);
                }
            }

            var read = await reading;
            if (read == 0)
            {
                return;
            }

            received.Append(Encoding.Latin1.GetString(piece, 0, read));
        }
    }

    private static string? Judge(string received)
    {
        var rest = received.StartsWith(GoAway, StringComparison.Ordinal) ? "" : received;
        var isLast = false;
        while (rest.Length > 0)
        {
            if (StatusLine().Match(rest) is not { Success: true } line)
            {
                return $"What came is no answer: {received}";
            }

            if (isLast)
            {
                return $"After an answer that said it was the last came another: {received}";
            }

            var status = int.Parse(line.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            var end = rest.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
            {
                // Cut off: the caller had said that it goes.
                return IsOurs(status, rest) ? $"A fault of ours: {received}" : null;
            }

            var head = rest[..end];
            if (IsOurs(status, rest))
            {
                return $"A fault of ours: {received}";
            }

            isLast = ClosesAfter().IsMatch(head) && status >= 200;
            rest = BodyLess(rest[(end + 4)..], head);
        }

        return null;
    }

    // 505 is what the web server says of a version that it does not speak: the caller's fault, in spite of its number (RFC 9110, section 15.6.6).
    private static bool IsOurs(int status, string answer) =>
        status >= 500 && status != 505 && !(status == 503 && answer.Contains("Retry-After: ", StringComparison.OrdinalIgnoreCase));

    // What an answer to HEAD says of its length is of the answer that GET would have had, so where the next one begins at once there is no body.
    private static string BodyLess(string rest, string head)
    {
        if (rest.StartsWith("HTTP/1.1 ", StringComparison.Ordinal))
        {
            return rest;
        }

        if (ContentLength().Match(head) is { Success: true } length)
        {
            var bytes = int.Parse(length.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            return rest.Length >= bytes ? rest[bytes..] : "";
        }

        // Chunked: the answers of the admin routes.
        var last = rest.IndexOf("\r\n0\r\n\r\n", StringComparison.Ordinal);
        return last < 0 ? "" : rest[(last + 7)..];
    }

    [GeneratedRegex("HTTP/1\\.[01] ([1-5][0-9][0-9])[ \r]")]
    private static partial Regex AnyAnswer();

    [GeneratedRegex("^HTTP/1\\.[01] ([1-5][0-9][0-9])[ \r]")]
    private static partial Regex StatusLine();

    [GeneratedRegex("\r\nConnection: close", RegexOptions.IgnoreCase)]
    private static partial Regex ClosesAfter();

    [GeneratedRegex("\r\nContent-Length: ([0-9]+)", RegexOptions.IgnoreCase)]
    private static partial Regex ContentLength();
}
