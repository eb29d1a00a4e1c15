using System.Text.Unicode;
using Sluice.Engine.Journal;

namespace Sluice.Host.Logging;

/// <summary>The log line of one request to a webhook.</summary>
/// <param name="At">When the response was sent, local time.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path.</param>
/// <param name="Status">The HTTP status of the response.</param>
/// <param name="Took">The duration.</param>
/// <param name="Run">The run that it started; null if it started none.</param>
internal readonly record struct RequestLine(DateTimeOffset At, string Method, string? Path, int Status, TimeSpan Took, RunId? Run) : IUtf8SpanFormattable
{
    /// <summary>Formats the line like every other line of the console: time, level, message.</summary>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Run is { } run
            ? Utf8.TryWrite(utf8Destination, provider, $"{At:HH:mm:ss.fff} INF {Method} {Path} {Status} in {Took.TotalMilliseconds:0.0} ms, run {run.Value:D}\n", out bytesWritten)
            : Utf8.TryWrite(utf8Destination, provider, $"{At:HH:mm:ss.fff} INF {Method} {Path} {Status} in {Took.TotalMilliseconds:0.0} ms\n", out bytesWritten);
}
