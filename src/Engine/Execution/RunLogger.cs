using Microsoft.Extensions.Logging;

namespace Sluice.Engine.Execution;

/// <summary>The logger that a node is lent: every line carries the run and the step, and no secret of the run.</summary>
internal sealed class RunLogger(ILogger inner, Run run, string step) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    // Only text crosses to the host's log: a plugin's own state or exception object would pin the plugin in memory.
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var text = exception is null ? formatter(state, exception) : $"{formatter(state, exception)}{Environment.NewLine}{exception}";
        inner.Log(logLevel, eventId, "{Text} (run {RunId}, step {Step})", run.Mask.Apply(text), run.Id, step);
    }
}
