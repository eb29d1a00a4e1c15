using System.Globalization;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;
using Serilog.Parsing;
using Sluice.Engine.Secrets;

namespace Sluice.Host.Logging;

/// <summary>Masks secrets in the message, properties and exception of an event before any sink sees it.</summary>
/// <param name="mask">Hides the secrets.</param>
/// <param name="sinks">All sinks; owned by this sink.</param>
internal sealed class MaskingSink(SecretMask mask, Logger sinks) : ILogEventSink, IDisposable
{
    private static readonly MessageTemplateTextFormatter Message = new("{Message:lj}", CultureInfo.InvariantCulture);

    public void Emit(LogEvent logEvent) => sinks.Write(mask.IsEmpty ? logEvent : Masked(logEvent));

    public void Dispose() => sinks.Dispose();

    private LogEvent Masked(LogEvent given)
    {
        var properties = given.Properties.Select(property => new LogEventProperty(Name(property.Key), Masked(property.Value))).ToArray();
        var exception = given.Exception is { } thrown && HoldsSecret(thrown) ? new MaskedException(thrown, mask) : given.Exception;
        var masked = With(given.MessageTemplate);
        // A secret in the template itself, or one that appears only when the parts of a message are joined.
        var message = TextOf(masked);
        return mask.IsIn(message) ? With(new MessageTemplate([new TextToken(mask.Apply(message))])) : masked;

        LogEvent With(MessageTemplate template) => new(
            given.Timestamp, given.Level, exception, template, properties, given.TraceId ?? default, given.SpanId ?? default);
    }

    // As the console writes it: strings without quotation marks, which would hide a secret that spans two of them.
    private static string TextOf(LogEvent logEvent)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Message.Format(logEvent, text);
        return text.ToString();
    }

    private string Name(string name) => mask.Apply(name);

    private LogEventPropertyValue Masked(LogEventPropertyValue value) => value switch
    {
        ScalarValue scalar => Masked(scalar),
        SequenceValue list => new SequenceValue(list.Elements.Select(Masked)),
        StructureValue structure => new StructureValue(
            structure.Properties.Select(property => new LogEventProperty(Name(property.Name), Masked(property.Value))), structure.TypeTag),
        DictionaryValue dictionary => new DictionaryValue(
            dictionary.Elements.Select(element => KeyValuePair.Create(Masked(element.Key), Masked(element.Value)))),
        // A kind of value that another library defines: only its string form can be inspected.
        _ => Masked(new ScalarValue(value.ToString())),
    };

    // Every sink writes the string form of a scalar.
    private ScalarValue Masked(ScalarValue scalar) =>
        scalar.Value is { } value && Convert.ToString(value, CultureInfo.InvariantCulture) is { } text && mask.IsIn(text) ? new ScalarValue(mask.Apply(text)) : scalar;

    private bool HoldsSecret(Exception? exception)
    {
        for (var at = exception; at is not null; at = at.InnerException)
        {
            if (mask.IsIn(at.ToString()) || mask.IsIn(at.Message))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The string form of an exception that held a secret.</summary>
    private sealed class MaskedException(Exception original, SecretMask mask) : Exception(mask.Apply(original.Message))
    {
        private readonly string _text = mask.Apply(original.ToString());

        public override string? StackTrace { get; } = original.StackTrace is { } trace ? mask.Apply(trace) : null;

        public override string ToString() => _text;
    }
}
