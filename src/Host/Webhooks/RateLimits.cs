using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Host.Webhooks.Gates;

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

    /// <summary>The key that a request is counted under.</summary>
    public static string KeyOf(RateLimitKey? by, WebhookRequest request, Sender sender) => by switch
    {
        null => "",
        { Source: RateLimitSource.RemoteIp } => AddressKey(request.Http.Connection.RemoteIpAddress),
        { Source: RateLimitSource.Identity } => Shorten(sender.Identity ?? ""),
        // A verified credential is masked by now; the identity stands for it.
        { Source: RateLimitSource.Header } when by.Name.Equals(sender.MaskedHeader, StringComparison.OrdinalIgnoreCase) => Shorten(sender.Identity ?? ""),
        { Source: RateLimitSource.Header } => Shorten(request.Http.Request.Headers[by.Name].ToString()),
        _ => Shorten(request.Parameters.First(parameter => parameter.Key == by.Name).Value),
    };

    // What a caller writes may be long, and thousands of them are kept. The digest is longer than any key that is kept as it is.
    private static string Shorten(string key) => key.Length <= 64 ? key : $"#{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}";

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
/// <remarks>
/// Their number is bounded. To make room, the fullest go first, and of these the longest unused. So a new key always has a bucket of its own, however
/// many were made up before it, and a key that has used up its limit keeps its count.
/// </remarks>
/// <param name="limit">How many requests each of them takes.</param>
internal sealed class RateLimitBuckets(RateLimit limit)
{
    /// <summary>The most keys that are counted at a time.</summary>
    public const int MostKeys = 10_000;

    // Each eviction looks at every bucket, so it makes room for many.
    private const int EvictedAtOnce = MostKeys / 10;

    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private readonly Lock _eviction = new();
    private int _count;

    public RateLimit Limit => limit;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes one request in; null where it is within the limit, else in how long it would be.</summary>
    public TimeSpan? Take(string key) => (_buckets.TryGetValue(key, out var bucket) ? bucket : Add(key)).Take();

    private Bucket Add(string key)
    {
        if (Count >= MostKeys)
        {
            Evict();
        }

        var made = new Bucket(limit);
        var bucket = _buckets.GetOrAdd(key, made);
        if (bucket == made)
        {
            Interlocked.Increment(ref _count);
        }

        return bucket;
    }

    private void Evict()
    {
        lock (_eviction)
        {
            if (Count < MostKeys)
            {
                return;
            }

            var all = _buckets.Select(pair => (pair.Key, pair.Value.Left, pair.Value.LastUse)).ToArray();
            Array.Sort(all, static (one, other) => one.Left != other.Left ? other.Left.CompareTo(one.Left) : one.LastUse.CompareTo(other.LastUse));
            for (var i = 0; i < all.Length && (i < EvictedAtOnce || all[i].Left >= limit.Requests); i++)
            {
                if (_buckets.TryRemove(all[i].Key, out _))
                {
                    Interlocked.Decrement(ref _count);
                }
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

        /// <summary>How many requests it would take now.</summary>
        public long Left
        {
            get
            {
                _limiter.TryReplenish();
                return _limiter.GetStatistics()!.CurrentAvailablePermits;
            }
        }

        /// <summary>When it was last asked, in milliseconds since the machine started.</summary>
        public long LastUse { get; private set; } = Environment.TickCount64;

        public TimeSpan? Take()
        {
            LastUse = Environment.TickCount64;
            _limiter.TryReplenish();
            using var lease = _limiter.AttemptAcquire();
            return lease.IsAcquired ? null : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : limit.Per;
        }
    }
}
