using System.Collections.Concurrent;

namespace Sluice.Bench.Soak;

/// <summary>Counts the results of requests, with latencies by the part of the soak in which they ended.</summary>
internal sealed class Tally(int parts)
{
    private readonly Histogram[] _latencies = [.. Enumerable.Range(0, parts).Select(_ => new Histogram())];
    private readonly ConcurrentDictionary<string, long> _failures = new();
    private int _part;
    private long _slow;
    private long _hungUp;

    public Histogram this[int part] => _latencies[part];

    public IReadOnlyDictionary<string, long> Failures => _failures;

    public long Failed => _failures.Values.Sum();

    public long Slow => Interlocked.Read(ref _slow);

    public long HangUps => Interlocked.Read(ref _hungUp);

    /// <summary>How late requests were handed out: the load generator's own delay, which is part of every latency.</summary>
    public Histogram Lag { get; } = new();

    public void Begin(int part) => Volatile.Write(ref _part, Math.Min(part, parts - 1));

    public void Answered(int status, TimeSpan latency)
    {
        _latencies[Volatile.Read(ref _part)].Add(latency);
        FailUnlessGood(status);
    }

    public void AnsweredSlowly(int status)
    {
        Interlocked.Increment(ref _slow);
        FailUnlessGood(status);
    }

    public void HungUp() => Interlocked.Increment(ref _hungUp);

    public void Fail(string reason) => _failures.AddOrUpdate(reason, 1, static (_, count) => count + 1);

    private void FailUnlessGood(int status)
    {
        if (status is < 200 or >= 300)
        {
            Fail($"status {status}");
        }
    }
}
