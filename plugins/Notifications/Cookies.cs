using System.Buffers;
using System.Globalization;
using System.Text;
using Sluice.Sdk;

namespace Sluice.Plugins.Notifications;

/// <summary>Writes cookies as <c>Set-Cookie</c> has them, and refuses what a browser would not keep (RFC 6265bis, sections 4.1 and 5.6).</summary>
internal static class Cookies
{
    private const int MostBytes = 4096;
    private static readonly TimeSpan LongestAge = TimeSpan.FromDays(400);

    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static IEnumerable<ConfigProblem> Problems(IReadOnlyList<Cookie>? cookies) =>
        (cookies ?? []).SelectMany((cookie, index) => Problems(cookie).Select(problem => problem with { Path = $"cookies[{index}].{problem.Path}" }));

    /// <summary>The value of the header; only of a cookie without problems.</summary>
    public static string Write(Cookie cookie)
    {
        var text = new StringBuilder($"{cookie.Name}={cookie.Value}; Path={cookie.Path}");
        if (cookie.Domain is not null)
        {
            text.Append("; Domain=").Append(cookie.Domain);
        }

        if (cookie.MaxAge is { } age)
        {
            text.Append(CultureInfo.InvariantCulture, $"; Max-Age={(long)age.TotalSeconds}");
        }

        text.Append(cookie.Secure ? "; Secure" : "").Append(cookie.HttpOnly ? "; HttpOnly" : "");
        return text.Append("; SameSite=").Append(cookie.SameSite).ToString();
    }

    private static IEnumerable<ConfigProblem> Problems(Cookie cookie)
    {
        if (cookie.Name.Length == 0 || cookie.Name.AsSpan().ContainsAnyExcept(TokenCharacters))
        {
            yield return new("name", "A cookie's name is letters, digits and !#$%&'*+-.^_`|~ only, at least one.");
        }

        if (!cookie.Value.All(IsOctet))
        {
            yield return new("value", "A cookie's value holds no space, comma, semicolon, backslash, quotation mark, control or non-ASCII character. Encode it.");
        }

        if (cookie.Name.Length + cookie.Value.Length > MostBytes)
        {
            yield return new("value", $"Browsers keep no cookie whose name and value have more than {MostBytes} bytes together.");
        }

        if (cookie.MaxAge is { } age && (age > LongestAge || age.Ticks % TimeSpan.TicksPerSecond != 0))
        {
            yield return new("max_age", "It is whole seconds, and at most 9600h (400 days): no browser keeps a cookie longer.");
        }

        if (!cookie.Path.StartsWith('/') || cookie.Path.Any(c => c is < ' ' or > '~' or ';') || cookie.Path.Length > 1024)
        {
            yield return new("path", "It begins with a slash, and holds no semicolon, control or non-ASCII character.");
        }

        if (cookie.Domain is { } domain && Uri.CheckHostName(domain.StartsWith('.') ? domain[1..] : domain) != UriHostNameType.Dns)
        {
            yield return new("domain", "It is the name of a domain, such as shop.example.");
        }

        foreach (var problem in Promises(cookie))
        {
            yield return problem;
        }
    }

    // What browsers throw a cookie away for (RFC 6265bis, sections 4.1.3 and 5.7).
    private static IEnumerable<ConfigProblem> Promises(Cookie cookie)
    {
        var isHost = cookie.Name.StartsWith("__Host-", StringComparison.OrdinalIgnoreCase);
        if (!cookie.Secure && (isHost || cookie.Name.StartsWith("__Secure-", StringComparison.OrdinalIgnoreCase)))
        {
            yield return new("secure", "A name that begins with __Secure- or __Host- promises `secure`.");
        }

        if (isHost && (cookie.Domain is not null || cookie.Path != "/"))
        {
            yield return new("name", "A name that begins with __Host- promises the path / and no domain.");
        }

        if (cookie is { SameSite: SameSite.None, Secure: false })
        {
            yield return new("secure", "`same_site: none` needs `secure`.");
        }
    }

    // RFC 6265bis, section 4.1.1: cookie-octet.
    private static bool IsOctet(char c) => c is > ' ' and < '\x7f' and not ('"' or ',' or ';' or '\\');
}
