namespace Sluice.Host.Metrics;

/// <summary>Counts the values of a histogram in fixed buckets. Safe for concurrent use, without a lock or an allocation.</summary>
/// <param name="bounds">The upper bounds of the buckets, ascending; a last bucket takes what is above.</param>
internal sealed class BucketCounts(IReadOnlyList<double> bounds)
{
    private const double NanosecondsPerSecond = 1e9;

    private readonly double[] _bounds = [.. bounds];
    private readonly long[] _counts = new long[bounds.Count + 1];
    private long _nanoseconds;

    /// <summary>The sum of all values, in seconds.</summary>
    public double Sum => Interlocked.Read(ref _nanoseconds) / NanosecondsPerSecond;

    /// <summary>How many values are at most each bound. The last has no bound, and counts all.</summary>
    public IEnumerable<(double Bound, long Count)> Cumulative
    {
        get
        {
            var count = 0L;
            for (var index = 0; index < _counts.Length; index++)
            {
                count += Interlocked.Read(ref _counts[index]);
                yield return (index < _bounds.Length ? _bounds[index] : double.PositiveInfinity, count);
            }
        }
    }

    public void Record(double seconds)
    {
        var index = 0;
        while (index < _bounds.Length && seconds > _bounds[index])
        {
            index++;
        }

        Interlocked.Increment(ref _counts[index]);
        Interlocked.Add(ref _nanoseconds, (long)(seconds * NanosecondsPerSecond));
    }
}
