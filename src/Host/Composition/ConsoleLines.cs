using System.Globalization;
using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace Sluice.Host.Composition;

/// <summary>Writes log lines to the console, many in one piece: a write of its own for each costs a busy host more than making the line does.</summary>
internal sealed class ConsoleLines(ITextFormatter formatter, Stream console) : IBatchedLogEventSink
{
    public Task EmitBatchAsync(IReadOnlyCollection<LogEvent> batch)
    {
        using var lines = new StringWriter(CultureInfo.InvariantCulture);
        foreach (var line in batch)
        {
            formatter.Format(line, lines);
        }

        return console.WriteAsync(Encoding.UTF8.GetBytes(lines.ToString())).AsTask();
    }
}
