using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Sluice.Host.Webhooks.Authentication.Tokens;

/// <summary>
/// A parsed but unverified signed JSON Web Token (RFC 7515, 7519). Parsing is strict: a claim of the wrong type or a duplicate member makes
/// the token malformed, so that no two parsers can disagree about it.
/// </summary>
/// <param name="Algorithm">The member <c>alg</c> of the header.</param>
/// <param name="KeyId">The member <c>kid</c> of the header; null if absent.</param>
/// <param name="Payload">The claims.</param>
/// <param name="Signed">The signed bytes.</param>
/// <param name="Signature">The signature; empty for the algorithm <c>none</c>.</param>
internal sealed record SignedToken(string Algorithm, string? KeyId, JsonElement Payload, byte[] Signed, byte[] Signature)
{
    public const int LongestToken = 16 * 1024;

    private static readonly SearchValues<char> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>When it expires, in seconds since 1970; null if absent.</summary>
    public double? Expiry => Number("exp");

    /// <summary>When it becomes valid, in seconds since 1970; null if absent.</summary>
    public double? NotBefore => Number("nbf");

    public string? Issuer => Text("iss");

    public string? Subject => Text("sub");

    /// <summary>The audience.</summary>
    public IEnumerable<string> Audiences => !Payload.TryGetProperty("aud", out var audience) ? []
        : audience.ValueKind == JsonValueKind.String ? [audience.GetString()!]
        : audience.EnumerateArray().Select(one => one.GetString()!);

    /// <summary>
    /// Parses a token; null if it is malformed or has a critical extension (RFC 7515, section 4.1.11: none is supported).
    /// </summary>
    public static SignedToken? Read(string text)
    {
        if (text.Length > LongestToken || text.Split('.') is not [var head, var body, var tail] || Decode(tail) is not { } signature)
        {
            return null;
        }

        return Json(head) is { } header && Json(body) is { } payload
            && header.TryGetProperty("alg", out var algorithm) && algorithm.ValueKind == JsonValueKind.String
            && IsTextOrMissing(header, "kid") && !header.TryGetProperty("crit", out _)
            && IsWellTyped(payload)
            ? new SignedToken(
                algorithm.GetString()!,
                header.TryGetProperty("kid", out var kid) && kid.GetString() is { Length: > 0 } named ? named : null,
                payload,
                Encoding.ASCII.GetBytes($"{head}.{body}"),
                signature)
            : null;
    }

    // RFC 7519, section 4.1.
    private static bool IsWellTyped(JsonElement payload) =>
        IsTextOrMissing(payload, "iss") && IsTextOrMissing(payload, "sub") && IsTextOrMissing(payload, "jti")
        && IsNumberOrMissing(payload, "exp") && IsNumberOrMissing(payload, "nbf") && IsNumberOrMissing(payload, "iat")
        && (!payload.TryGetProperty("aud", out var audience) || audience.ValueKind == JsonValueKind.String
            || (audience.ValueKind == JsonValueKind.Array && audience.EnumerateArray().All(one => one.ValueKind == JsonValueKind.String)));

    private static bool IsTextOrMissing(JsonElement json, string name) => !json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.String;

    private static bool IsNumberOrMissing(JsonElement json, string name) =>
        !json.TryGetProperty(name, out var value) || (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number));

    private static JsonElement? Json(string encoded) => Decode(encoded) is { } bytes ? StrictJson.Read(bytes) : null;

    private static byte[]? Decode(string text) =>
        !text.AsSpan().ContainsAnyExcept(Alphabet) && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;

    private double? Number(string name) => Payload.TryGetProperty(name, out var value) ? value.GetDouble() : null;

    private string? Text(string name) => Payload.TryGetProperty(name, out var value) ? value.GetString() : null;
}
