using System.Collections.Frozen;

namespace Sluice.Host.Requests;

/// <summary>Which headers of a request carry what proves who sent it: shown and saved as <c>***</c>.</summary>
internal static class CredentialHeaders
{
    // RFC 9110, section 11; RFC 6265; and what services call a key that stands in a header.
    private static readonly FrozenSet<string> Names = FrozenSet.ToFrozenSet(
        ["authorization", "proxy-authorization", "cookie", "x-api-key", "apikey", "x-amz-security-token"], StringComparer.OrdinalIgnoreCase);

    // A signature is good for sending the same request again; the others say what they are.
    private static readonly string[] Words = ["signature", "token", "secret", "api-key", "password", "auth-key", "session"];

    public static bool IsOne(string name) => Names.Contains(name) || Array.Exists(Words, word => name.Contains(word, StringComparison.OrdinalIgnoreCase));
}
