using Sluice.Host.Metrics;

namespace Sluice.Host.Tests.Metrics;

public sealed class BucketCountsTests
{
    [Fact]
    public void A_value_counts_in_its_bucket_and_in_all_above()
    {
        var buckets = new BucketCounts([0.5, 1]);

        foreach (var seconds in new[] { 0, 0.5, 0.75, 1, 1.25, 60 })
        {
            buckets.Record(seconds);
        }

        Assert.Equal([(0.5, 2L), (1, 4L), (double.PositiveInfinity, 6L)], buckets.Cumulative);
        Assert.Equal(63.5, buckets.Sum);
    }

    [Fact]
    public void Concurrent_values_are_all_counted()
    {
        var buckets = new BucketCounts([0.5]);

        Parallel.For(0, 10_000, index => buckets.Record(index % 2));

        Assert.Equal([(0.5, 5_000L), (double.PositiveInfinity, 10_000L)], buckets.Cumulative);
        Assert.Equal(5_000, buckets.Sum);
    }
}
