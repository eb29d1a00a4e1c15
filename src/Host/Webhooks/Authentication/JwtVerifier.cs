using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Host.Webhooks.Refusals;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>
/// A JSON Web Token in <c>Authorization: Bearer</c> (RFC 6750, 7515, 7519). Only the algorithms of the setting are taken, each with keys of its own kind,
/// so neither <c>none</c> nor a public key used as a shared one gets anywhere (RFC 8725).
/// </summary>
internal sealed class JwtVerifier(JwtAuth settings, IKeySource keys, Freshness freshness, string realm) : IVerifier
{
    private const string Scheme = "Bearer";

    private static readonly Refused Missing = new(RefusalReason.MissingCredentials, "There is no Authorization header with the scheme Bearer.");
    private static readonly Refused Malformed = new(RefusalReason.MalformedCredentials, "The bearer token is not a valid signed JSON Web Token: it is malformed, a claim has the wrong type or occurs twice, or a critical header is unknown.");
    private static readonly Refused Algorithm = new(RefusalReason.WrongCredentials, "The workflow does not accept the token's algorithm.");
    private static readonly Refused UnknownKey = new(RefusalReason.WrongCredentials, "The token's key is unknown, does not fit its algorithm, or is too short.");
    private static readonly Refused Signature = new(RefusalReason.WrongSignature, "The token's signature is wrong.");
    private static readonly Refused Time = new(RefusalReason.StaleTimestamp, "The token has expired, is not valid yet, or has no expiry.");
    private static readonly Refused Issuer = new(RefusalReason.WrongCredentials, "The workflow does not accept the token's issuer.");
    private static readonly Refused Audience = new(RefusalReason.WrongCredentials, "The token is for another audience.");
    private static readonly Refused Claim = new(RefusalReason.NotPermitted, "The token is valid, but lacks claims that the workflow requires.");

    public string CredentialHeader => "Authorization";

    public async ValueTask<Refused?> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        if (AuthorizationHeader.Credentials(request.Http.Request.Headers.Authorization, Scheme) is not { } text)
        {
            return Missing;
        }

        if (SignedToken.Read(text) is not { } token)
        {
            return Malformed;
        }

        if (!settings.Algorithms.Contains(token.Algorithm))
        {
            return Algorithm;
        }

        var refused = await CheckSignatureAsync(token, cancellationToken) ?? CheckClaims(token);
        request.Identity = refused is null ? IdentityOf(token) : null;
        return refused;
    }

    // RFC 6750, section 3: nothing more where nothing was sent, and no more than the kind of fault where something was.
    public string Challenge(Refused refused) => refused.Reason switch
    {
        RefusalReason.MissingCredentials => $"Bearer realm=\"{realm}\"",
        RefusalReason.NotPermitted => $"Bearer realm=\"{realm}\", error=\"insufficient_scope\"",
        _ => $"Bearer realm=\"{realm}\", error=\"invalid_token\"",
    };

    private async ValueTask<Refused?> CheckSignatureAsync(SignedToken token, CancellationToken cancellationToken)
    {
        var found = await keys.FindAsync(token.KeyId, token.Algorithm, cancellationToken);
        return found switch
        {
            { Unavailable: { } unavailable } => unavailable,
            { Keys.Count: 0 } => UnknownKey,
            _ => found.Keys.Any(key => IsSignedBy(key, token)) ? null : Signature,
        };
    }

    private static bool IsSignedBy(SecurityKey key, SignedToken token)
    {
        var factory = key.CryptoProviderFactory;
        var provider = factory.CreateForVerifying(key, token.Algorithm);
        try
        {
            return token.Signature.Length > 0 && provider.Verify(token.Signed, token.Signature);
        }
        finally
        {
            factory.ReleaseSignatureProvider(provider);
        }
    }

    private Refused? CheckClaims(SignedToken token) =>
        !IsInTime(token) ? Time
        : !settings.Issuers.IsEmpty && !(token.Issuer is { } issuer && settings.Issuers.Contains(issuer)) ? Issuer
        : !settings.Audiences.IsEmpty && !token.Audiences.Any(settings.Audiences.Contains) ? Audience
        : IsPermitted(token) ? null
        : Claim;

    private bool IsInTime(SignedToken token)
    {
        var now = freshness.Now.ToUnixTimeMilliseconds() / 1000.0;
        var skew = settings.ClockSkew.TotalSeconds;
        return token.Expiry is { } end && (freshness.IsAnyAge || (now < end + skew && !(token.NotBefore - skew > now)));
    }

    private bool IsPermitted(SignedToken token) =>
        settings.Claims.All(rule => token.Payload.TryGetProperty(rule.Name, out var claim) && Values(rule.Name, claim).Any(rule.Values.Contains));

    // RFC 7519, section 4.1.2: a subject is unique within its issuer. A token without one is told from others by all that it says, but for what changes
    // with every token.
    private static string IdentityOf(SignedToken token)
    {
        var (kind, name) = token.Subject is { Length: > 0 } subject ? ("sub", subject) : ("claims", string.Join(',', token.Payload.EnumerateObject()
            .Where(claim => claim.Name is not ("exp" or "nbf" or "iat" or "jti"))
            .OrderBy(claim => claim.Name, StringComparer.Ordinal)
            .Select(claim => $"{claim.Name.Length}:{claim.Name}={claim.Value.GetRawText()}")));
        return $"jwt {token.Issuer?.Length ?? 0} {token.Issuer} {kind} {name}";
    }

    // Scopes are one string with spaces between them (RFC 8693, section 4.2); most other claims are a string or a list of strings.
    private static IEnumerable<string> Values(string name, JsonElement claim) => claim.ValueKind switch
    {
        JsonValueKind.String when name is "scope" or "scp" => claim.GetString()!.Split(' '),
        JsonValueKind.String => [claim.GetString()!],
        JsonValueKind.Array => claim.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => [claim.GetRawText()],
        _ => [],
    };
}
