using Microsoft.Extensions.Logging;

namespace Sluice.Engine.Execution;

/// <summary>The logger that a node is lent: every line carries the run and the step, and no secret of the run.</summary>
internal sealed class RunLogger(ILoggerFactory loggers, string name, Run run, string step) : ILogger
{
    // Most calls write nothing, and a logger is not made for those.
    private ILogger? _made;

    private ILogger Inner => _made ??= loggers.CreateLogger(name);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => Inner.IsEnabled(logLevel);

    // Only text crosses to the host's log: a plugin's own state or exception object would pin the plugin in memory.
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var text = exception is null ? formatter(state, exception) : $"{formatter(state, exception)}{Environment.NewLine}{exception}";
        Inner.Log(logLevel, eventId, "{Text} (run {RunId}, step {Step})", run.Mask.Apply(text), run.Id, step);
    }
}
