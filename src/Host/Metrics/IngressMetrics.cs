using System.Diagnostics.Metrics;
using Sluice.Engine.Metrics;
using Sluice.Host.Webhooks.Bodies;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Metrics;

/// <summary>Counts the responses to webhooks and records their times; observes what the ingress holds.</summary>
internal sealed class IngressMetrics
{
    // By status: an increment per response, without a tag to allocate.
    private readonly long[] _answers = new long[600];
    private readonly Histogram<double> _responseTime;

    public IngressMetrics(EngineMetrics metrics, RejectionLog refusals, BodyMemory bodies)
    {
        var meter = metrics.Meter;
        _responseTime = metrics.CreateHistogram("sluice.webhook.response.duration", "Time from a request to a webhook to the end of its response.");
        meter.CreateObservableCounter(
            "sluice.webhook.answers", () => Answers.Select(answer => Tagged(answer.Count, "status", answer.Status)), null, "Requests to webhooks, by response status.");
        meter.CreateObservableCounter(
            "sluice.webhook.refusals",
            () => refusals.Counts.Select(refused => Tagged(refused.Count, "reason", refused.Reason.Name())),
            null,
            "Requests to webhooks that were rejected before a run, by reason.");
        meter.CreateObservableGauge("sluice.body", () => bodies.Held, "By", "Memory of the parsed bodies of incoming requests and active runs, in bytes.");
    }

    /// <summary>How many requests were answered since the start, by status.</summary>
    public IEnumerable<(int Status, long Count)> Answers => Enumerable.Range(0, _answers.Length)
        .Select(status => (status, Interlocked.Read(ref _answers[status]))).Where(answer => answer.Item2 > 0);

    /// <summary>Notes a response.</summary>
    public void Note(int status, TimeSpan duration)
    {
        Interlocked.Increment(ref _answers[status]);
        _responseTime.Record(duration.TotalSeconds);
    }

    private static Measurement<long> Tagged(long value, string name, object tag) => new(value, new KeyValuePair<string, object?>(name, tag));
}
