using System.Globalization;
using Sluice.Host.Webhooks.Refusals;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>Holds the time that a sender signed against the clock, so that a request that was overheard is not good for ever.</summary>
/// <param name="time">The host's clock.</param>
/// <param name="anyAge">Whether a request may be as old as it likes: where its workflow's builder sends it again without a server.</param>
internal sealed class Freshness(TimeProvider time, bool anyAge)
{
    // Above this a number counts milliseconds: as seconds it would be beyond the year 5000.
    private const long FirstMilliseconds = 100_000_000_000;

    private static readonly Refused Malformed = new(RefusalReason.MalformedCredentials, "The timestamp is no number of seconds or milliseconds since 1970.");
    private static readonly Refused TooOld = new(RefusalReason.StaleTimestamp, "The timestamp is older than the tolerance.");
    private static readonly Refused TooNew = new(RefusalReason.StaleTimestamp, "The timestamp is further in the future than the tolerance. Check the clocks.");

    /// <summary>Whether age is not judged.</summary>
    public bool IsAnyAge => anyAge;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Null where the time is near enough.</summary>
    public Refused? Judge(ReadOnlySpan<char> timestamp, TimeSpan tolerance)
    {
        if (timestamp.Length > 16 || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return Malformed;
        }

        var milliseconds = number >= FirstMilliseconds ? number : number * 1000;
        var age = Now.ToUnixTimeMilliseconds() - milliseconds;
        return anyAge ? null : age > tolerance.TotalMilliseconds ? TooOld : -age > tolerance.TotalMilliseconds ? TooNew : null;
    }
}
