using Microsoft.Extensions.Primitives;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>
/// Parses the header <c>Authorization</c> (RFC 9110, section 11.4): a case-insensitive scheme, one or more spaces, and the credentials.
/// </summary>
internal static class AuthorizationHeader
{
    /// <summary>Gets the credentials; null unless the header appears exactly once and has this scheme.</summary>
    public static string? Credentials(StringValues header, string scheme) =>
        header is [{ } text] && text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && text.AsSpan(scheme.Length).StartsWith(" ")
            ? text[scheme.Length..].Trim(' ')
            : null;
}
