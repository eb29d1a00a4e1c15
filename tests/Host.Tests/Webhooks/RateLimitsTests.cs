using System.Globalization;
using System.Net;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Tests.Webhooks;

public sealed class RateLimitsTests
{
    private static readonly RateLimit Slow = new(1, TimeSpan.FromHours(1), null);

    [Fact]
    public void However_many_keys_were_made_up_a_new_one_has_its_own_limit_and_the_number_kept_is_bounded()
    {
        var buckets = new RateLimitBuckets(Slow);
        for (var key = 0; key < 3 * RateLimitBuckets.MostKeys; key++)
        {
            Assert.Null(buckets.Take(key.ToString(CultureInfo.InvariantCulture)));
            Assert.InRange(buckets.Count, 1, RateLimitBuckets.MostKeys);
        }

        Assert.Null(buckets.Take("an honest newcomer"));
        Assert.Null(buckets.Take("another one"));
        Assert.NotNull(buckets.Take("another one"));
    }

    [Fact]
    public void Made_up_keys_do_not_reset_the_count_of_a_caller_that_has_used_up_its_limit()
    {
        var buckets = new RateLimitBuckets(new RateLimit(5, TimeSpan.FromHours(1), null));
        while (buckets.Take("busy") is null)
        {
        }

        for (var key = 0; key < 3 * RateLimitBuckets.MostKeys; key++)
        {
            Assert.Null(buckets.Take(key.ToString(CultureInfo.InvariantCulture)));
        }

        Assert.NotNull(buckets.Take("busy"));
    }

    [Fact]
    public void Buckets_that_are_full_again_make_room_for_new_keys()
    {
        var buckets = new RateLimitBuckets(new RateLimit(1, TimeSpan.FromTicks(1), null));
        for (var key = 0; key <= RateLimitBuckets.MostKeys; key++)
        {
            Assert.Null(buckets.Take(key.ToString(CultureInfo.InvariantCulture)));
        }

        Assert.InRange(buckets.Count, 1, 100);
    }

    [Theory]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.8", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void Addresses_count_together_where_one_caller_can_choose_among_them(string one, string other, bool together) =>
        Assert.Equal(together, RateLimits.AddressKey(IPAddress.Parse(one)) == RateLimits.AddressKey(IPAddress.Parse(other)));
}
