using Microsoft.Extensions.Logging;

namespace Sluice.Host.Tests.Plugins;

/// <summary>A log that tells when its first line comes.</summary>
internal sealed class FirstLine : ILogger
{
    private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> Line => _line.Task;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _line.TrySetResult(formatter(state, exception));
}
