using System.Globalization;
using System.Text.RegularExpressions;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>Compares the time that a sender signed with the clock, so that an intercepted request can't be replayed forever.</summary>
/// <param name="time">The host's clock.</param>
/// <param name="anyAge">Whether to accept any age: when the builder of a workflow replays a request without a server.</param>
internal sealed partial class Freshness(TimeProvider time, bool anyAge)
{
    // A larger number is in milliseconds: in seconds it would be after the year 5000.
    private const long FirstMilliseconds = 100_000_000_000;

    private static readonly Refused Malformed = new(RejectionReason.MalformedCredentials, "The timestamp is not a number of seconds or milliseconds since 1970, or does not have the expected length.");
    private static readonly Refused NoDate = new(RejectionReason.MalformedCredentials, "The timestamp is not a date and time with a time zone, such as 2026-01-31T12:00:00Z.");
    private static readonly Refused TooOld = new(RejectionReason.StaleTimestamp, "The timestamp is older than the tolerance.");
    private static readonly Refused TooNew = new(RejectionReason.StaleTimestamp, "The timestamp is further in the future than the tolerance. Check the clocks.");

    /// <summary>Whether any age is accepted.</summary>
    public bool IsAnyAge => anyAge;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Checks a timestamp; null if it is within the tolerance.</summary>
    public Refused? Judge(ReadOnlySpan<char> timestamp, TimeSpan tolerance, TimeFormat format = TimeFormat.Unix)
    {
        if (Milliseconds(timestamp, format) is not { } milliseconds)
        {
            return format == TimeFormat.Iso8601 ? NoDate : Malformed;
        }

        var age = Now.ToUnixTimeMilliseconds() - milliseconds;
        return anyAge ? null : age > tolerance.TotalMilliseconds ? TooOld : -age > tolerance.TotalMilliseconds ? TooNew : null;
    }

    private static long? Milliseconds(ReadOnlySpan<char> text, TimeFormat format)
    {
        if (format == TimeFormat.Iso8601)
        {
            return DateForm.IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date.ToUnixTimeMilliseconds() : null;
        }

        var isLengthRight = format switch
        {
            TimeFormat.Seconds => text.Length == 10,
            TimeFormat.Milliseconds => text.Length == 13,
            _ => text.Length <= 16,
        };
        return isLengthRight && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number >= FirstMilliseconds ? number : number * 1000
            : null;
    }

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?(Z|[+-][0-9]{2}:[0-9]{2})\z", RegexOptions.CultureInvariant)]
    private static partial Regex DateForm { get; }
}
