using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;
using Sluice.Engine.Execution;

namespace Sluice.Host.Logging;

/// <summary>Writes a log line as text, with the value of every secret masked, wherever in the line it came from.</summary>
internal sealed class MaskingFormatter(ISecrets secrets) : ITextFormatter
{
    private readonly MessageTemplateTextFormatter _inner = new("{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}", CultureInfo.InvariantCulture);
    private readonly SecretMask _mask = SecretMask.For(secrets.Names, secrets);

    public void Format(LogEvent logEvent, TextWriter output)
    {
        if (_mask.IsEmpty)
        {
            _inner.Format(logEvent, output);
            return;
        }

        using var line = new StringWriter(CultureInfo.InvariantCulture);
        _inner.Format(logEvent, line);
        output.Write(_mask.Apply(line.ToString()));
    }
}
