using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Sluice.Engine.Definitions.Triggers;

namespace Sluice.Host.Webhooks;

/// <summary>
/// The rate limits of all workflows. A workflow's count goes on under its next version where the limit is the same; another limit begins anew.
/// </summary>
internal sealed class RateLimits
{
    private readonly ConcurrentDictionary<string, RateLimitBuckets> _workflows = new(StringComparer.Ordinal);

    /// <summary>Takes one request in; null where it is within the limit, else in how long it would be.</summary>
    public TimeSpan? Take(string workflow, RateLimit limit, string key)
    {
        var buckets = _workflows.GetOrAdd(workflow, static (_, wanted) => new RateLimitBuckets(wanted), limit);
        if (buckets.Limit != limit)
        {
            buckets = _workflows.AddOrUpdate(
                workflow,
                static (_, wanted) => new RateLimitBuckets(wanted),
                static (_, current, wanted) => current.Limit == wanted ? current : new RateLimitBuckets(wanted),
                limit);
        }

        return buckets.Take(key);
    }

    /// <summary>What tells a request's caller from the others.</summary>
    public static string KeyOf(RateLimitKey? by, WebhookRequest request) => by switch
    {
        null => "",
        { Source: RateLimitSource.RemoteIp } => AddressKey(request.Http.Connection.RemoteIpAddress),
        { Source: RateLimitSource.Header } => request.Http.Request.Headers[by.Name].ToString(),
        _ => request.Parameters.First(parameter => parameter.Key == by.Name).Value,
    };

    // Whoever has one address of IPv6 has the whole /64 around it (RFC 4291, section 2.5.4) and could use another each time.
    public static string AddressKey(IPAddress? address)
    {
        if (address is null or { IsIPv4MappedToIPv6: true } or { AddressFamily: not AddressFamily.InterNetworkV6 })
        {
            return address?.MapToIPv4().ToString() ?? "";
        }

        return Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
    }
}

/// <summary>The token buckets of one workflow, one for each key that came lately.</summary>
/// <param name="limit">How many requests each of them takes.</param>
internal sealed class RateLimitBuckets(RateLimit limit)
{
    /// <summary>The most keys that are counted for themselves; those that come beyond share one bucket, so that made-up keys gain nothing.</summary>
    public const int MostKeys = 10_000;

    // A sweep looks at every bucket, so it is made no more often than this, however many keys come.
    private static readonly long SweepEvery = TimeSpan.FromSeconds(1).Ticks;

    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private readonly Bucket _shared = new(limit);
    private int _count;
    private long _nextSweep;

    public RateLimit Limit => limit;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes one request in; null where it is within the limit, else in how long it would be.</summary>
    public TimeSpan? Take(string key) => (_buckets.TryGetValue(key, out var bucket) ? bucket : Add(key)).Take();

    private Bucket Add(string key)
    {
        if (Count >= MostKeys)
        {
            Sweep();
        }

        if (Count >= MostKeys)
        {
            return _shared;
        }

        var made = new Bucket(limit);
        var bucket = _buckets.GetOrAdd(key, made);
        if (bucket == made)
        {
            Interlocked.Increment(ref _count);
        }

        return bucket;
    }

    // A bucket that is full again counts nothing that a new one would not.
    private void Sweep()
    {
        var now = Environment.TickCount64 * TimeSpan.TicksPerMillisecond;
        var next = Interlocked.Read(ref _nextSweep);
        if (now < next || Interlocked.CompareExchange(ref _nextSweep, now + SweepEvery, next) != next)
        {
            return;
        }

        foreach (var (key, bucket) in _buckets)
        {
            if (bucket.IsFull && _buckets.TryRemove(key, out _))
            {
                Interlocked.Decrement(ref _count);
            }
        }
    }

    /// <summary>One bucket, filled up again by those who look at it: there is no timer.</summary>
    [SuppressMessage("Design", "CA1001", Justification = "A limiter without a timer and without a queue holds nothing to let go of.")]
    private sealed class Bucket(RateLimit limit)
    {
        private readonly TokenBucketRateLimiter _limiter = new(new TokenBucketRateLimiterOptions
        {
            TokenLimit = limit.Requests,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = new TimeSpan(Math.Max(1, limit.Per.Ticks / limit.Requests)),
            QueueLimit = 0,
            AutoReplenishment = false,
        });

        public bool IsFull
        {
            get
            {
                _limiter.TryReplenish();
                return _limiter.GetStatistics()!.CurrentAvailablePermits >= limit.Requests;
            }
        }

        public TimeSpan? Take()
        {
            _limiter.TryReplenish();
            using var lease = _limiter.AttemptAcquire();
            return lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : limit.Per;
        }
    }
}
