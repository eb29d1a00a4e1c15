using System.Buffers;
using System.Globalization;
using System.Text;
using Sluice.Sdk;

namespace Sluice.Plugins.Notifications;

/// <summary>Writes cookies for <c>Set-Cookie</c>, and finds what browsers would reject (RFC 6265bis, sections 4.1 and 5.6).</summary>
internal static class Cookies
{
    private const int MostBytes = 4096;
    private static readonly TimeSpan LongestAge = TimeSpan.FromDays(400);

    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static IEnumerable<ConfigProblem> Problems(IReadOnlyList<Cookie>? cookies) =>
        (cookies ?? []).SelectMany((cookie, index) => Problems(cookie).Select(problem => problem with { Path = $"cookies[{index}].{problem.Path}" }));

    /// <summary>Writes the value of the header. The cookie must have no problems.</summary>
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
            yield return new("name", "The name must not be empty, and can contain only letters, digits and !#$%&'*+-.^_`|~.");
        }

        if (!cookie.Value.All(IsOctet))
        {
            yield return new("value", "The value contains a space, comma, semicolon, backslash, quotation mark, control or non-ASCII character. Encode it.");
        }

        if (cookie.Name.Length + cookie.Value.Length > MostBytes)
        {
            yield return new("value", $"Name and value have more than {MostBytes} bytes together. Browsers reject such a cookie.");
        }

        if (cookie.MaxAge is { } age && (age > LongestAge || age.Ticks % TimeSpan.TicksPerSecond != 0))
        {
            yield return new("max_age", "The age must be whole seconds, and at most 9600h (400 days): browsers keep no cookie longer.");
        }

        if (!cookie.Path.StartsWith('/') || cookie.Path.Any(c => c is < ' ' or > '~' or ';') || cookie.Path.Length > 1024)
        {
            yield return new("path", "The path must begin with a slash, and cannot contain semicolons, control or non-ASCII characters.");
        }

        if (cookie.Domain is { } domain && Uri.CheckHostName(domain.StartsWith('.') ? domain[1..] : domain) != UriHostNameType.Dns)
        {
            yield return new("domain", "This is not a domain name. Use one such as shop.example.");
        }

        foreach (var problem in Requirements(cookie))
        {
            yield return problem;
        }
    }

    // Browsers reject a cookie that breaks one of these (RFC 6265bis, sections 4.1.3 and 5.7).
    private static IEnumerable<ConfigProblem> Requirements(Cookie cookie)
    {
        var isHost = cookie.Name.StartsWith("__Host-", StringComparison.OrdinalIgnoreCase);
        if (!cookie.Secure && (isHost || cookie.Name.StartsWith("__Secure-", StringComparison.OrdinalIgnoreCase)))
        {
            yield return new("secure", "A name that begins with __Secure- or __Host- requires `secure`.");
        }

        if (isHost && (cookie.Domain is not null || cookie.Path != "/"))
        {
            yield return new("name", "A name that begins with __Host- requires the path / and no domain.");
        }

        if (cookie is { SameSite: SameSite.None, Secure: false })
        {
            yield return new("secure", "`same_site: none` requires `secure`.");
        }
    }

    // RFC 6265bis, section 4.1.1: cookie-octet.
    private static bool IsOctet(char c) => c is > ' ' and < '\x7f' and not ('"' or ',' or ';' or '\\');
}

/// <summary>Whether a browser sends a cookie along with requests that another site makes (RFC 6265bis, section 5.6.7).</summary>
public enum SameSite
{
    [Field("Sent when a user follows a link from another site, not with requests that the other site makes.")]
    Lax,

    [Field("Never sent with requests from another site.")]
    Strict,

    [Field("Always sent. Requires `secure`.")]
    None,
}

/// <summary>A cookie to set (RFC 6265bis, section 4.1).</summary>
public sealed record Cookie(
    [Field("The name: letters, digits, `!#$%&'*+-.^_|~` and the backtick. Browsers enforce the prefixes `__Host-` and `__Secure-`.", Example = "\"__Host-session\"")]
    string Name,
    [Field("The value, without spaces, commas, semicolons, backslashes and quotation marks. Encode values that can contain them.", Example = "\"6f0c\"")]
    string Value = "",
    [Field("How long browsers keep it: whole seconds, at most 9600h (400 days). `0s` deletes it. If omitted, until the browser closes.", Example = "\"1h\"")]
    TimeSpan? MaxAge = null,
    [Field("The path below which browsers send it.", Example = "\"/\"")]
    string Path = "/",
    [Field("The domain whose hosts get it. If omitted, only the host that replies.", Example = "\"shop.example\"")]
    string? Domain = null,
    [Field("Whether it is sent over TLS only.", Example = "true")]
    bool Secure = true,
    [Field("Whether scripts cannot read it.", Example = "true")]
    bool HttpOnly = true,
    [Field("Whether it is sent with requests from other sites.", Example = "\"lax\"")]
    SameSite SameSite = SameSite.Lax);
