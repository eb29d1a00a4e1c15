using Sluice.Sdk;

namespace Sluice.Plugins.Notifications;

/// <summary>Redirects the caller to another address (RFC 9110, sections 10.2.2 and 15.4).</summary>
internal static class Redirect
{
    public const string Header = "Location";

    // A workflow that cares about the method of the next request sets 303 or 307.
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
            yield return new("status", $"Status {config.Status} does not redirect. With `redirect`, use 301, 302, 303, 307 or 308.");
        }

        if (!IsAddress(address))
        {
            yield return new("redirect", "The address must be http, https or relative, in ASCII without spaces and backslashes (RFC 3986). Encode other characters.");
        }

        if (config.Headers?.Keys.Any(name => name.Equals(Header, StringComparison.OrdinalIgnoreCase)) ?? false)
        {
            yield return new("headers", $"`redirect` sets {Header}. Remove it from `headers`.");
        }
    }

    // Browsers read a backslash as a slash, so `/\evil.example` would be an address on another host.
    private static bool IsAddress(string text) =>
        text.Length > 0
        && text.All(c => c is > ' ' and < '\x7f' and not '\\')
        && Uri.IsWellFormedUriString(text, UriKind.RelativeOrAbsolute)
        && (!Uri.TryCreate(text, UriKind.Absolute, out var whole) || text[0] == '/' || whole.Scheme is "http" or "https");
}
