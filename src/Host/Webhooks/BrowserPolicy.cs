using Sluice.Sdk;

namespace Sluice.Host.Webhooks;

/// <summary>
/// Keeps browsers from running scripts in replies: all webhooks share one origin, and a reply may contain what a caller sent.
/// </summary>
internal static class BrowserPolicy
{
    /// <summary>The value of <c>X-Content-Type-Options</c> in every response.</summary>
    public const string NoSniff = "nosniff";

    /// <summary>Disables scripts, forms and pop-ups, and gives the page an origin of its own (CSP level 3, section 6.3).</summary>
    public const string Sandbox = "sandbox";

    // Media types in which browsers run scripts contain one of these. A multipart part may have any type, and browsers use the last type of
    // a list.
    private static readonly string[] Scriptable = ["html", "xml", "svg", "xsl", "multipart"];

    /// <summary>Whether only the host sets a header, whatever the reply contains.</summary>
    public static bool IsSaid(string header) => header.Equals("X-Content-Type-Options", StringComparison.OrdinalIgnoreCase);

    /// <summary>Adds the sandbox to a reply whose headers are set. The reply's own policy stays: browsers enforce both.</summary>
    public static void Apply(HttpResponse response, Reply reply)
    {
        if (reply.Sandbox && response.ContentType is { } type and not "application/json" && Array.Exists(Scriptable, part => type.Contains(part, StringComparison.OrdinalIgnoreCase)))
        {
            response.Headers.Append("Content-Security-Policy", Sandbox);
        }
    }
}
