using System.Collections.Frozen;

namespace Sluice.Host.Requests;

/// <summary>Determines which request headers carry credentials; these are shown and saved as <c>***</c>.</summary>
internal static class CredentialHeaders
{
    // RFC 9110, section 11; RFC 6265; and common names of headers that carry an API key.
    private static readonly FrozenSet<string> Names = FrozenSet.ToFrozenSet(
        ["authorization", "proxy-authorization", "cookie", "x-api-key", "apikey", "x-amz-security-token"], StringComparer.OrdinalIgnoreCase);

    // A signature allows sending the same request again, so it is masked too. The other names are self-explanatory.
    private static readonly string[] Words = ["signature", "token", "secret", "api-key", "password", "auth-key", "session"];

    public static bool IsOne(string name) => Names.Contains(name) || Array.Exists(Words, word => name.Contains(word, StringComparison.OrdinalIgnoreCase));
}
