using Sluice.Sdk;

namespace Sluice.Host.Webhooks;

/// <summary>Keeps a browser from running what a reply holds: all webhooks share one origin, and a reply may hold what a caller sent.</summary>
internal static class BrowserPolicy
{
    /// <summary>The value of <c>X-Content-Type-Options</c> on every answer.</summary>
    public const string NoSniff = "nosniff";

    /// <summary>Scripts, forms and pop-ups are off, and the page has an origin of its own (CSP level 3, section 6.3).</summary>
    public const string Sandbox = "sandbox";

    // Of the media types that browsers run scripts in, each holds one of these. A part of a multipart may be any of them, and browsers take the last type of a list.
    private static readonly string[] Scriptable = ["html", "xml", "svg", "xsl", "multipart"];

    /// <summary>Whether the host alone sets a header, whatever the reply says.</summary>
    public static bool IsSaid(string header) => header.Equals("X-Content-Type-Options", StringComparison.OrdinalIgnoreCase);

    /// <summary>Adds the sandbox to a reply whose headers are set. A policy of the reply's own stays beside it: browsers enforce both.</summary>
    public static void Apply(HttpResponse response, Reply reply)
    {
        if (reply.Sandbox && response.ContentType is { } type and not "application/json" && Array.Exists(Scriptable, part => type.Contains(part, StringComparison.OrdinalIgnoreCase)))
        {
            response.Headers.Append("Content-Security-Policy", Sandbox);
        }
    }
}
