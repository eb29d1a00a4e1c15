using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Sluice.Sdk.Testing;

/// <summary>A logger that records what a node logs.</summary>
public sealed class RecordingLogger : ILogger
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    /// <summary>The recorded lines, in order.</summary>
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

/// <summary>A recorded log line.</summary>
/// <param name="Level">The level.</param>
/// <param name="Message">The formatted message.</param>
public sealed record LogLine(LogLevel Level, string Message)
{
    /// <summary>The logged exception, as a string; null if there is none.</summary>
    public string? Exception { get; init; }
}
