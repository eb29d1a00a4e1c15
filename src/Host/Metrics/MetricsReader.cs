using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Sluice.Engine.Metrics;

namespace Sluice.Host.Metrics;

/// <summary>Listens to every instrument of the engine's meter from its creation, and writes them all in the Prometheus text format.</summary>
/// <remarks>
/// The exporter of OpenTelemetry for Prometheus has no stable version, and its aggregation looks up the tags of each record; no instrument that is
/// recorded per request has any here.
/// </remarks>
internal sealed class MetricsReader : IDisposable
{
    private readonly Lock _gate = new();
    private readonly MeterListener _listener = new();
    private ImmutableList<Family> _families = [];

    public MetricsReader(EngineMetrics metrics)
    {
        // By reference: several engines of one process have meters of the same name.
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, metrics.Meter))
            {
                listener.EnableMeasurementEvents(instrument, Add(instrument));
            }
        };
        _listener.SetMeasurementEventCallback<double>(static (_, value, _, state) => ((Family)state!).Buckets!.Record(value));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((Family)state!).Observe(value, tags));
        _listener.Start();
    }

    /// <summary>Observes all instruments and writes them.</summary>
    public string Write()
    {
        lock (_gate)
        {
            _families.ForEach(family => family.Observed.Clear());
            _listener.RecordObservableInstruments();
            return PrometheusText.Of(_families);
        }
    }

    public void Dispose() => _listener.Dispose();

    private Family Add(Instrument instrument)
    {
        var buckets = instrument is Histogram<double> histogram ? new BucketCounts(histogram.Advice!.HistogramBucketBoundaries!) : null;
        var family = new Family(instrument, buckets);
        ImmutableInterlocked.Update(ref _families, static (families, added) => families.Add(added), family);
        return family;
    }
}

/// <summary>What is known of one instrument: the buckets of a histogram, or the values of the last observation.</summary>
internal sealed record Family(Instrument Instrument, BucketCounts? Buckets)
{
    public List<(string Labels, long Value)> Observed { get; } = [];

    public void Observe(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => Observed.Add((PrometheusText.Labels(tags), value));
}
