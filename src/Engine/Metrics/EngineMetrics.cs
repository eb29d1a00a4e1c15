using System.Collections.Immutable;
using System.Diagnostics.Metrics;

namespace Sluice.Engine.Metrics;

/// <summary>The meter of one engine, and the histograms that its parts record. Recording costs next to nothing while nobody listens.</summary>
internal sealed class EngineMetrics : IDisposable
{
    /// <summary>The name of the meter.</summary>
    public const string Name = "Sluice";

    // In seconds. A quiet host replies in less than a millisecond; a caller waits for 30 s at most by default.
    private static readonly ImmutableArray<double> Bounds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    public EngineMetrics()
    {
        Meter = new Meter(Name);
        CommitTime = CreateHistogram("sluice.journal.commit.duration", "Time to make one commit of the journal durable.");
        QueueTime = CreateHistogram("sluice.runs.queue.duration", "Time that a queued run waited to become active.");
        StepTime = CreateHistogram("sluice.steps.duration", "Time of one execution of a step, from its start to its recorded end.");
    }

    public Meter Meter { get; }

    public Histogram<double> CommitTime { get; }

    public Histogram<double> QueueTime { get; }

    public Histogram<double> StepTime { get; }

    /// <summary>Creates a histogram of times in seconds.</summary>
    public Histogram<double> CreateHistogram(string name, string description) =>
        Meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Bounds });

    public void Dispose() => Meter.Dispose();
}
