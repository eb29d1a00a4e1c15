using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Sluice.Host.Webhooks.AsyncReplies;

/// <summary>
/// The waiting preference in a request's <c>Prefer</c> (RFC 7240, sections 4.1 and 4.3). Other and malformed preferences are ignored.
/// </summary>
/// <param name="IsAsync">Whether it contains <c>respond-async</c>.</param>
/// <param name="WaitSeconds">The value of <c>wait</c>; null if absent.</param>
internal sealed record Preference(bool IsAsync, int? WaitSeconds)
{
    /// <summary>Whether the caller does not want to wait at all.</summary>
    public bool IsImmediate => WaitSeconds is 0 || (IsAsync && WaitSeconds is null);

    /// <summary>Gets the preference of a request; null if it has none about waiting.</summary>
    public static Preference? Of(IHeaderDictionary headers) => headers.TryGetValue("Prefer", out var values) ? Parse(values) : null;

    public static Preference? Parse(StringValues fields)
    {
        bool? isAsync = null;
        (bool IsThere, int? Seconds) wait = default;
        foreach (var field in fields)
        {
            foreach (var (name, value) in Split(field ?? ""))
            {
                // Section 2: if a preference is repeated, the first one counts.
                if (name.Equals("respond-async", StringComparison.OrdinalIgnoreCase))
                {
                    isAsync ??= value.Length == 0;
                }
                else if (name.Equals("wait", StringComparison.OrdinalIgnoreCase) && !wait.IsThere)
                {
                    wait = (true, Seconds(value));
                }
            }
        }

        return isAsync is true || wait.Seconds is not null ? new Preference(isAsync is true, wait.Seconds) : null;
    }

    /// <summary>Limits the wait to the deadline.</summary>
    public Preference CappedBy(TimeSpan deadline) => this with { WaitSeconds = WaitSeconds is { } seconds ? (int)Math.Min(seconds, Math.Ceiling(deadline.TotalSeconds)) : null };

    /// <summary>Gets how long the caller waits, given an upper limit.</summary>
    public TimeSpan Within(TimeSpan deadline) => WaitSeconds is { } seconds && seconds < deadline.TotalSeconds ? TimeSpan.FromSeconds(seconds) : deadline;

    /// <summary>Gets the value of <c>Preference-Applied</c> (section 3).</summary>
    public string Applied => string.Join(", ", new[] { IsAsync ? "respond-async" : null, WaitSeconds is { } seconds ? $"wait={seconds}" : null }.OfType<string>());

    // Digits only; a number that overflows an integer is longer than any deadline.
    private static int? Seconds(string text) =>
        text.Length == 0 || !text.All(char.IsAsciiDigit) ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : int.MaxValue;

    // Section 2: comma-separated preferences, each a token, an optional value, and optional parameters after a semicolon. Quoted strings
    // may hold these separators.
    private static IEnumerable<(string Name, string Value)> Split(string field)
    {
        foreach (var preference in Pieces(field, ','))
        {
            var head = Pieces(preference, ';').First();
            var equals = head.IndexOf('=', StringComparison.Ordinal);
            var name = (equals < 0 ? head : head[..equals]).Trim(' ', '\t');
            var value = equals < 0 ? "" : head[(equals + 1)..].Trim(' ', '\t');
            yield return (name, value is ['"', .. var quoted, '"'] ? quoted : value);
        }
    }

    private static IEnumerable<string> Pieces(string text, char separator)
    {
        var (from, isQuoted) = (0, false);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\' when isQuoted:
                    i++;
                    break;
                case '"':
                    isQuoted = !isQuoted;
                    break;
                case var c when c == separator && !isQuoted:
                    yield return text[from..i];
                    from = i + 1;
                    break;
            }
        }

        yield return text[from..];
    }
}
