using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Sluice.Host.Metrics;

/// <summary>Writes instruments in the Prometheus text format 0.0.4. Names are formed as OpenTelemetry specifies it: dots become underscores, the unit and <c>_total</c> are appended.</summary>
internal static class PrometheusText
{
    public static string Of(IEnumerable<Family> families)
    {
        var text = new StringBuilder();
        foreach (var family in families)
        {
            var name = NameOf(family.Instrument);
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {family.Instrument.Description}\n# TYPE {name} {TypeOf(family.Instrument)}\n");
            if (family.Buckets is { } buckets)
            {
                Write(text, name, buckets);
            }

            foreach (var (labels, value) in family.Observed)
            {
                text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {value}\n");
            }
        }

        return text.ToString();
    }

    /// <summary>The labels of a value, in braces; empty if it has no tags.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            text.Append(text.Length == 0 ? '{' : ',').Append(CultureInfo.InvariantCulture, $"{name}=\"{value}\"");
        }

        return text.Length == 0 ? "" : text.Append('}').ToString();
    }

    private static void Write(StringBuilder text, string name, BucketCounts buckets)
    {
        var count = 0L;
        foreach (var (bound, cumulative) in buckets.Cumulative)
        {
            var upper = double.IsPositiveInfinity(bound) ? "+Inf" : bound.ToString(CultureInfo.InvariantCulture);
            text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"{upper}\"}} {cumulative}\n");
            count = cumulative;
        }

        text.Append(CultureInfo.InvariantCulture, $"{name}_sum {buckets.Sum}\n{name}_count {count}\n");
    }

    private static string NameOf(Instrument instrument)
    {
        var unit = instrument.Unit switch { null => "", "s" => "_seconds", "By" => "_bytes", var other => throw new InvalidOperationException($"{instrument.Name} has the unit {other}.") };
        return instrument.Name.Replace('.', '_') + unit + (TypeOf(instrument) == "counter" ? "_total" : "");
    }

    private static string TypeOf(Instrument instrument) => instrument switch
    {
        Histogram<double> => "histogram",
        ObservableCounter<long> => "counter",
        ObservableGauge<long> => "gauge",
        _ => throw new InvalidOperationException($"{instrument.Name} is of a kind that is not printed."),
    };
}
