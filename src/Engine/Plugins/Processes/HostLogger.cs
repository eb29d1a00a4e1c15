using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>The logger of one call in the child: sends each line to the host's log as a string.</summary>
internal sealed class HostLogger(HostCalls host, long call, int level) : ILogger
{
    private readonly ConcurrentQueue<Task> _underWay = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => (int)logLevel >= level && logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _underWay.Enqueue(host.LogAsync(call, new WireLogLine((int)logLevel, eventId.Id, formatter(state, exception), exception?.ToString())));
        }
    }

    /// <summary>Completes when the host has every line, so that none follows the end of its step.</summary>
    public Task WrittenAsync() => Task.WhenAll(_underWay);
}
