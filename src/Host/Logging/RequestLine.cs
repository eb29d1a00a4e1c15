using System.Text.Unicode;
using Sluice.Engine.Journal;

namespace Sluice.Host.Logging;

/// <summary>The log line of one request to a webhook.</summary>
/// <param name="At">When it was answered, local time.</param>
/// <param name="Method">Its method.</param>
/// <param name="Path">Its path.</param>
/// <param name="Status">The HTTP status that it got.</param>
/// <param name="Took">How long that took.</param>
/// <param name="Run">The run that it started; null where it started none.</param>
internal readonly record struct RequestLine(DateTimeOffset At, string Method, string? Path, int Status, TimeSpan Took, RunId? Run) : IUtf8SpanFormattable
{
    /// <summary>The line as the console shows every other one: time, level, message.</summary>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Run is { } run
            ? Utf8.TryWrite(utf8Destination, provider, $"{At:HH:mm:ss.fff} INF {Method} {Path} {Status} in {Took.TotalMilliseconds:0.0} ms, run {run.Value:D}\n", out bytesWritten)
            : Utf8.TryWrite(utf8Destination, provider, $"{At:HH:mm:ss.fff} INF {Method} {Path} {Status} in {Took.TotalMilliseconds:0.0} ms\n", out bytesWritten);
}
