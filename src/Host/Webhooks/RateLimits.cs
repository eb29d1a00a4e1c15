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
/// The rate limits of all workflows. The next version of a workflow continues its count if the limit is the same; a different limit starts
/// a new count.
/// </summary>
internal sealed class RateLimits
{
    private readonly ConcurrentDictionary<string, RateLimitBuckets> _workflows = new(StringComparer.Ordinal);

    /// <summary>Counts one request; null if it is within the limit, otherwise the time until it would be.</summary>
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

    /// <summary>Gets the key that a request is counted under.</summary>
    public static string KeyOf(RateLimitKey? by, WebhookRequest request, Sender sender) => by switch
    {
        null => "",
        { Source: RateLimitSource.RemoteIp } => AddressKey(request.Http.Connection.RemoteIpAddress),
        { Source: RateLimitSource.Identity } => Shorten(sender.Identity ?? ""),
        // A verified credential is already masked; use the identity instead.
        { Source: RateLimitSource.Header } when by.Name.Equals(sender.MaskedHeader, StringComparison.OrdinalIgnoreCase) => Shorten(sender.Identity ?? ""),
        { Source: RateLimitSource.Header } => Shorten(request.Http.Request.Headers[by.Name].ToString()),
        _ => Shorten(request.Parameters.First(parameter => parameter.Key == by.Name).Value),
    };

    // A caller's value may be long, and thousands are kept. The digest is longer than any key that is kept unchanged.
    private static string Shorten(string key) => key.Length <= 64 ? key : $"#{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}";

    // The owner of one IPv6 address has the whole /64 around it (RFC 4291, section 2.5.4) and could use another address each time.
    public static string AddressKey(IPAddress? address)
    {
        if (address is null or { IsIPv4MappedToIPv6: true } or { AddressFamily: not AddressFamily.InterNetworkV6 })
        {
            return address?.MapToIPv4().ToString() ?? "";
        }

        return Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
    }
}

/// <summary>The token buckets of one workflow, one for each recently used key.</summary>
/// <remarks>
/// Their number is bounded. To make room, the fullest are removed first, and among these the least recently used. So a new key always has
/// its own bucket, however many keys were made up before it, and a key that has used up its limit keeps its count.
/// </remarks>
/// <param name="limit">The limit of each bucket.</param>
internal sealed class RateLimitBuckets(RateLimit limit)
{
    /// <summary>The maximum number of keys.</summary>
    public const int MostKeys = 10_000;

    // Each eviction looks at every bucket, so it makes room for many.
    private const int EvictedAtOnce = MostKeys / 10;

    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private readonly Lock _eviction = new();
    private int _count;

    public RateLimit Limit => limit;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts one request; null if it is within the limit, otherwise the time until it would be.</summary>
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

    /// <summary>One bucket, refilled when it is used: there is no timer.</summary>
    [SuppressMessage("Design", "CA1001", Justification = "A limiter without a timer and a queue has nothing to dispose.")]
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

        /// <summary>The number of requests that it would accept now.</summary>
        public long Left
        {
            get
            {
                _limiter.TryReplenish();
                return _limiter.GetStatistics()!.CurrentAvailablePermits;
            }
        }

        /// <summary>The time of its last use, in milliseconds since the machine started.</summary>
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
