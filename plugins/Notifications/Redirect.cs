using Sluice.Sdk;

namespace Sluice.Plugins.Notifications;

/// <summary>Sends a caller on to another address (RFC 9110, sections 10.2.2 and 15.4).</summary>
internal static class Redirect
{
    public const string Header = "Location";

    // Where the caller's own method is kept or not is for the workflow to say, by 303 or 307.
    private const int ByDefault = 302;

    public static int StatusOf(WebhookResponseConfig config) => config is { Redirect: not null, Status: 200 } ? ByDefault : config.Status;

    public static IEnumerable<ConfigProblem> Problems(WebhookResponseConfig config)
    {
        if (config.Redirect is not { } address)
        {
            yield break;
        }

        if (StatusOf(config) is not (301 or 302 or 303 or 307 or 308))
        {
            yield return new("status", $"Nobody follows `redirect` on a {config.Status}; use 301, 302, 303, 307 or 308 (RFC 9110, section 15.4).");
        }

        if (!IsAddress(address))
        {
            yield return new("redirect", "It is an http or https address, whole or relative, of ASCII characters without spaces and backslashes (RFC 3986). Encode the others.");
        }

        if (config.Headers?.Keys.Any(name => name.Equals(Header, StringComparison.OrdinalIgnoreCase)) ?? false)
        {
            yield return new("headers", $"`redirect` sets {Header}; leave it out of the headers.");
        }
    }

    // Browsers take a backslash for a slash, so `/\evil.example` would be another host's address.
    private static bool IsAddress(string text) =>
        text.Length > 0
        && text.All(c => c is > ' ' and < '\x7f' and not '\\')
        && Uri.IsWellFormedUriString(text, UriKind.RelativeOrAbsolute)
        && (!Uri.TryCreate(text, UriKind.Absolute, out var whole) || text[0] == '/' || whole.Scheme is "http" or "https");
}
