using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Text;
using Sluice.Host.Webhooks.Authentication.Signatures;
using Sluice.Host.Webhooks.Authentication.Tokens;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>A JSON Web Token. Shared and public keys never meet in one setting, so neither can be taken for the other.</summary>
internal sealed class JwtScheme : IAuthScheme
{
    private static readonly ImmutableArray<string> Shared = ["HS256", "HS384", "HS512"];
    private static readonly ImmutableArray<string> Public = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];
    private static readonly TimeSpan LongestSkew = TimeSpan.FromMinutes(10);

    public string Name => "jwt";

    public ImmutableArray<string> Known { get; } = ["secret", "jwks", "algorithms", "issuer", "audience", "clock_skew", "claims"];

    public WebhookAuth? Read(Fields fields)
    {
        if (fields["secret"] is not null == fields["jwks"] is not null)
        {
            fields.Note(
                "missing-field",
                "A token is verified by 'secret' (shared, HS256 to HS512) or by 'jwks' (public keys, an https address or a file): give one of the two.",
                "secret",
                (fields["jwks"] ?? fields["type"])!.At);
            return null;
        }

        var isShared = fields["secret"] is not null;
        return new JwtAuth
        {
            Keys = isShared ? SecretReader.Read(fields, "secret") : [],
            Jwks = Jwks(fields),
            Algorithms = Algorithms(fields, isShared ? Shared : Public, isShared ? "secret" : "jwks"),
            Issuers = fields.Texts("issuer", "one issuer"),
            Audiences = fields.Texts("audience", "one audience"),
            ClockSkew = Skew(fields),
            Claims = Claims(fields),
        };
    }

    private static string? Jwks(Fields fields)
    {
        if (fields.Text("jwks") is not { } text)
        {
            return null;
        }

        var isAddress = text.Value.Contains("://", StringComparison.Ordinal);
        if (isAddress && !(Uri.TryCreate(text.Value, UriKind.Absolute, out var address) && (address.Scheme == "https" || (address.Scheme == "http" && address.IsLoopback))))
        {
            fields.Note("bad-url", $"'{text.Value}' is no https address of a key set; over http anybody on the way could put in their own keys.", "jwks", text.At);
        }

        return text.Value;
    }

    private static ImmutableArray<string> Algorithms(Fields fields, ImmutableArray<string> possible, string by)
    {
        if (fields["algorithms"] is null)
        {
            return possible;
        }

        foreach (var item in fields.OneOrMany("algorithms", "one algorithm"))
        {
            if (item is not SourceNode.Text text || !possible.Contains(text.Value))
            {
                var name = (item as SourceNode.Text)?.Value ?? item.TypeInWords();
                fields.Note("unknown-value", $"'{name}' can't be verified by '{by}'.{DidYouMean.Hint(name, possible)} Algorithms: {string.Join(", ", possible)}.", "algorithms", item.At);
            }
        }

        return fields.Texts("algorithms", "one algorithm");
    }

    private static TimeSpan Skew(Fields fields)
    {
        var skew = fields.Duration("clock_skew") ?? TimeSpan.FromMinutes(1);
        if (skew > LongestSkew)
        {
            fields.Note("bad-duration", "The clock skew is at most 10m.", "clock_skew", fields["clock_skew"]!.At);
        }

        return skew;
    }

    private static ImmutableArray<ClaimRule> Claims(Fields fields)
    {
        if (fields.Object("claims") is not { } source)
        {
            return [];
        }

        var claims = fields.Below("claims", source);
        return [.. source.Members.Select(member => new ClaimRule(member.Name, claims.Texts(member.Name, "one value")))];
    }
}

/// <summary>A JSON Web Token in <c>Authorization: Bearer</c> (RFC 6750, RFC 7519).</summary>
internal sealed record JwtAuth : SchemeSettings
{
    /// <summary>The algorithms that are taken: all of <see cref="Keys"/>' kind, or all of <see cref="Jwks"/>'.</summary>
    public required ImmutableArray<string> Algorithms { get; init; }

    /// <summary>Shared keys, for HS256 to HS512; empty where <see cref="Jwks"/> is given.</summary>
    public ImmutableArray<SecretName> Keys { get; init; } = [];

    /// <summary>An https address or a file of public keys (RFC 7517); null where <see cref="Keys"/> are given.</summary>
    public string? Jwks { get; init; }

    /// <summary>Whose tokens are taken; empty for anybody's who has the key.</summary>
    public ImmutableArray<string> Issuers { get; init; } = [];

    /// <summary>The names that the token may be meant for; empty for any.</summary>
    public ImmutableArray<string> Audiences { get; init; } = [];

    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What the token must say beyond that; a valid token that does not is 403.</summary>
    public ImmutableArray<ClaimRule> Claims { get; init; } = [];

    public override ImmutableArray<SecretName> Secrets => Keys;

    public override bool IsInHeaders => true;

    // A valid token can lack a claim.
    public override bool CanForbid => true;

    public override IVerifier CreateVerifier(VerifierContext context)
    {
        IKeySource keys = Jwks is { } place
            ? new KeySet(place, cancellationToken => context.KeySets.LoadAsync(place, cancellationToken), context.Time, context.Log)
            : new SharedKeys(SecretBytes.ReadText(Keys, context.Secrets), Algorithms);
        return new JwtVerifier(this, keys, context.Freshness, context.Workflow);
    }

    public override CredentialDescription Describe()
    {
        var issuers = Issuers.IsEmpty ? "" : $", issued by {string.Join(" or ", Issuers)}";
        var audiences = Audiences.IsEmpty ? "" : $", for {string.Join(" or ", Audiences)}";
        return CredentialDescription.OfHttp("bearer", $"A token signed with {string.Join(" or ", Algorithms)}{issuers}{audiences}.", "JWT");
    }
}

/// <summary>A claim that a token must have, with one of these values.</summary>
internal sealed record ClaimRule(string Name, ImmutableArray<string> Values);

/// <summary>
/// A JSON Web Token in <c>Authorization: Bearer</c> (RFC 6750, 7515, 7519). Only the algorithms of the setting are taken, each with keys of its own kind,
/// so neither <c>none</c> nor a public key used as a shared one gets anywhere (RFC 8725).
/// </summary>
internal sealed class JwtVerifier(JwtAuth settings, IKeySource keys, Freshness freshness, string realm) : IVerifier
{
    private const string Scheme = "Bearer";

    private static readonly Refused Missing = new(RejectionReason.MissingCredentials, "There is no Authorization header with the scheme Bearer.");
    private static readonly Refused Malformed = new(RejectionReason.MalformedCredentials, "The bearer token is not a valid signed JSON Web Token: it is malformed, a claim has the wrong type or occurs twice, or a critical header is unknown.");
    private static readonly Refused Algorithm = new(RejectionReason.WrongCredentials, "The workflow does not accept the token's algorithm.");
    private static readonly Refused UnknownKey = new(RejectionReason.WrongCredentials, "The token's key is unknown, does not fit its algorithm, or is too short.");
    private static readonly Refused Signature = new(RejectionReason.WrongSignature, "The token's signature is wrong.");
    private static readonly Refused Time = new(RejectionReason.StaleTimestamp, "The token has expired, is not valid yet, or has no expiry.");
    private static readonly Refused Issuer = new(RejectionReason.WrongCredentials, "The workflow does not accept the token's issuer.");
    private static readonly Refused Audience = new(RejectionReason.WrongCredentials, "The token is for another audience.");
    private static readonly Refused Claim = new(RejectionReason.NotPermitted, "The token is valid, but lacks claims that the workflow requires.");

    public string CredentialHeader => "Authorization";

    public async ValueTask<Verdict> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken)
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

        return (await CheckSignatureAsync(token, cancellationToken) ?? CheckClaims(token)) is { } refused ? refused : new Verdict(IdentityOf(token), null);
    }

    // RFC 6750, section 3: nothing more where nothing was sent, and no more than the kind of fault where something was.
    public string Challenge(Refused refused) => refused.Reason switch
    {
        RejectionReason.MissingCredentials => $"Bearer realm=\"{realm}\"",
        RejectionReason.NotPermitted => $"Bearer realm=\"{realm}\", error=\"insufficient_scope\"",
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
