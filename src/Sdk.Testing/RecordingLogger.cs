using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Sluice.Sdk.Testing;

/// <summary>Keeps what a node writes to its log.</summary>
public sealed class RecordingLogger : ILogger
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    /// <summary>The lines so far, in order.</summary>
    public ImmutableArray<LogLine> Lines => [.. _lines];

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        _lines.Enqueue(new LogLine(logLevel, formatter(state, exception)) { Exception = exception?.ToString() });
    }
}

/// <summary>One line of a log.</summary>
/// <param name="Level">How grave it is.</param>
/// <param name="Message">The text, its values filled in.</param>
public sealed record LogLine(LogLevel Level, string Message)
{
    /// <summary>The exception that was logged with it, as text; null where there was none.</summary>
    public string? Exception { get; init; }
}
