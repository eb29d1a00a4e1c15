using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
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
    private const string Scheme = "Bearer ";
    private const int LongestToken = 16 * 1024;

    private static readonly Refused Missing = new(RefusalReason.MissingCredentials, "There is no Authorization header of the scheme Bearer.");
    private static readonly Refused Malformed = new(RefusalReason.MalformedCredentials, "The bearer token is no signed JSON Web Token, or a header of it is critical and not known here.");
    private static readonly Refused Algorithm = new(RefusalReason.WrongCredentials, "The token's algorithm is none of those that the workflow takes.");
    private static readonly Refused UnknownKey = new(RefusalReason.WrongCredentials, "The token was signed with a key that is not among the keys, or not of its algorithm.");
    private static readonly Refused Signature = new(RefusalReason.WrongSignature, "The token's signature is not what a live key makes.");
    private static readonly Refused Time = new(RefusalReason.StaleTimestamp, "The token has expired, is not valid yet, or has no expiry.");
    private static readonly Refused Issuer = new(RefusalReason.WrongCredentials, "The token's issuer is none of those that the workflow takes.");
    private static readonly Refused Audience = new(RefusalReason.WrongCredentials, "The token is meant for another audience.");
    private static readonly Refused Other = new(RefusalReason.WrongCredentials, "The token is not valid.");
    private static readonly Refused Claim = new(RefusalReason.NotPermitted, "The token is valid, and has not the claims that the workflow asks for.");

    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = LongestToken };

    public string CredentialHeader => "Authorization";

    public async ValueTask<Refused?> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        if (request.Http.Request.Headers.Authorization is not [{ } text] || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return Missing;
        }

        if (Read(text[Scheme.Length..].Trim()) is not { } token)
        {
            return Malformed;
        }

        return settings.Algorithms.Contains(token.Alg) ? await VerifyAsync(token, cancellationToken) : Algorithm;
    }

    // RFC 6750, section 3: nothing more where nothing was sent, and no more than the kind of fault where something was.
    public string Challenge(Refused refused) => refused.Reason switch
    {
        RefusalReason.MissingCredentials => $"Bearer realm=\"{realm}\"",
        RefusalReason.NotPermitted => $"Bearer realm=\"{realm}\", error=\"insufficient_scope\"",
        _ => $"Bearer realm=\"{realm}\", error=\"invalid_token\"",
    };

    // RFC 7515, section 4.1.11: an extension that is critical and not known makes a token invalid.
    private static JsonWebToken? Read(string text)
    {
        if (text.Length > LongestToken || text.Count('.') != 2)
        {
            return null;
        }

        try
        {
            var token = new JsonWebToken(text);
            using var header = Json(token.EncodedHeader);
            return header.RootElement.TryGetProperty("crit", out _) ? null : token;
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException or JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private async ValueTask<Refused?> VerifyAsync(JsonWebToken token, CancellationToken cancellationToken)
    {
        var found = await keys.FindAsync(string.IsNullOrEmpty(token.Kid) ? null : token.Kid, token.Alg, cancellationToken);
        if (found.Unavailable is { } unavailable)
        {
            return unavailable;
        }

        if (found.Keys.Count == 0)
        {
            return UnknownKey;
        }

        var result = await _handler.ValidateTokenAsync(token, Parameters(token, found.Keys));
        return result.IsValid ? IsPermitted(token) ? null : Claim : Explain(result.Exception);
    }

    private TokenValidationParameters Parameters(JsonWebToken token, IReadOnlyList<SecurityKey> found) => new()
    {
        ValidAlgorithms = [token.Alg],
        IssuerSigningKeys = found,
        TryAllIssuerSigningKeys = true,
        ValidateIssuer = !settings.Issuers.IsEmpty,
        ValidIssuers = settings.Issuers,
        ValidateAudience = !settings.Audiences.IsEmpty,
        ValidAudiences = settings.Audiences,
        LifetimeValidator = (notBefore, expires, _, _) => IsInTime(notBefore, expires),
    };

    private bool IsInTime(DateTime? notBefore, DateTime? expires)
    {
        var now = freshness.Now.UtcDateTime;
        return expires is { } end && (freshness.IsAnyAge || (now < end + settings.ClockSkew && !(notBefore - settings.ClockSkew > now)));
    }

    private static Refused Explain(Exception? exception) => exception switch
    {
        SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException or SecurityTokenNotYetValidException or SecurityTokenNoExpirationException => Time,
        SecurityTokenInvalidIssuerException => Issuer,
        SecurityTokenInvalidAudienceException => Audience,
        SecurityTokenInvalidAlgorithmException => Algorithm,
        SecurityTokenInvalidSignatureException => Signature,
        _ => Other,
    };

    private bool IsPermitted(JsonWebToken token)
    {
        using var claims = Json(token.EncodedPayload);
        return settings.Claims.All(rule => claims.RootElement.TryGetProperty(rule.Name, out var claim) && Values(rule.Name, claim).Any(rule.Values.Contains));
    }

    private static JsonDocument Json(string encoded) => JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(encoded));

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
