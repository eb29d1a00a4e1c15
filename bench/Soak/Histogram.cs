using System.Numerics;

namespace Sluice.Bench.Soak;

/// <summary>Counts latencies in microseconds in buckets of at most 1/32 of their value; allocates nothing after construction.</summary>
internal sealed class Histogram
{
    private const int Steps = 32;

    private readonly long[] _counts = new long[Steps * 40];
    private long _max;

    public long Count => _counts.Sum();

    public TimeSpan Max => TimeSpan.FromMicroseconds(Interlocked.Read(ref _max));

    public void Add(TimeSpan latency)
    {
        var micros = Math.Max(0, (long)latency.TotalMicroseconds);
        Interlocked.Increment(ref _counts[Math.Min(_counts.Length - 1, IndexOf(micros))]);
        for (var max = Interlocked.Read(ref _max); micros > max; max = Interlocked.Read(ref _max))
        {
            Interlocked.CompareExchange(ref _max, micros, max);
        }
    }

    /// <summary>Gets the upper bound of the bucket of a percentile; zero if nothing was counted.</summary>
    public TimeSpan Percentile(double share)
    {
        var wanted = (long)Math.Ceiling(Count * share);
        long seen = 0;
        for (var index = 0; index < _counts.Length && wanted > 0; index++)
        {
            seen += _counts[index];
            if (seen >= wanted)
            {
                return TimeSpan.FromMicroseconds(LimitOf(index));
            }
        }

        return TimeSpan.Zero;
    }

    // Below 32 each value has a bucket; above, each power of two has 32 of them.
    private static int IndexOf(long micros)
    {
        var power = Math.Max(0, BitOperations.Log2((ulong)micros | 1) - 5);
        return (power * Steps) + (int)(micros >> power);
    }

    private static long LimitOf(int index)
    {
        var power = Math.Max(0, (index / Steps) - 1);
        return ((index - (power * Steps)) + 1L) << power;
    }
}
