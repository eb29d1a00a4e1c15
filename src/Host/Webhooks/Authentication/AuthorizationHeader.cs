using Microsoft.Extensions.Primitives;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>Reads the header <c>Authorization</c> (RFC 9110, section 11.4): a scheme, in which case does not count, one space or more, and the credentials.</summary>
internal static class AuthorizationHeader
{
    /// <summary>The credentials; null unless the header is there once and has this scheme.</summary>
    public static string? Credentials(StringValues header, string scheme) =>
        header is [{ } text] && text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && text.AsSpan(scheme.Length).StartsWith(" ")
            ? text[scheme.Length..].Trim(' ')
            : null;
}
