using System.Collections.Immutable;
using System.Net;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>How the requests of a webhook prove who sent them: the setting <c>auth</c> of its trigger.</summary>
internal abstract record WebhookAuth
{
    /// <summary>Every secret that it reads.</summary>
    public abstract ImmutableArray<SecretName> Secrets { get; }

    /// <summary>Whether the headers alone prove who sent a request.</summary>
    public virtual bool IsInHeaders => false;
}

/// <summary>A secret that a trigger names, by <c>"{{ secrets.name }}"</c>. Several in a list are live at the same time, for rotation.</summary>
/// <param name="Name">The secret's name.</param>
/// <param name="Path">Where it is named: <c>trigger.config.auth.secret</c>.</param>
/// <param name="Source">The value as written.</param>
internal sealed record SecretName(string Name, string Path, SourceNode Source);

/// <summary>A user name and a password (RFC 7617).</summary>
internal sealed record BasicAuth(ImmutableArray<BasicUser> Users) : WebhookAuth
{
    public override ImmutableArray<SecretName> Secrets => [.. Users.SelectMany(user => user.Passwords)];

    public override bool IsInHeaders => true;
}

/// <summary>A user of <see cref="BasicAuth"/>, and the passwords that are good for it now.</summary>
internal sealed record BasicUser(string Name, ImmutableArray<SecretName> Passwords);

/// <summary>A key in a header, after a prefix.</summary>
internal sealed record KeyAuth(string Header, string Prefix, ImmutableArray<SecretName> Keys) : WebhookAuth
{
    public override ImmutableArray<SecretName> Secrets => Keys;

    public override bool IsInHeaders => true;
}

/// <summary>An HMAC of the request in a header.</summary>
internal sealed record HmacAuth(string Header, ImmutableArray<SecretName> Keys) : WebhookAuth
{
    /// <summary><c>sha1</c>, <c>sha256</c>, <c>sha384</c> or <c>sha512</c>.</summary>
    public string Algorithm { get; init; } = "sha256";

    /// <summary>How the signature is written: <c>hex</c>, <c>base64</c> or <c>base64url</c>.</summary>
    public string Encoding { get; init; } = "hex";

    /// <summary>What the secret is: <c>text</c>, <c>hex</c> or <c>base64</c>.</summary>
    public string KeyEncoding { get; init; } = "text";

    /// <summary>What stands before each signature: <c>sha256=</c>.</summary>
    public string Prefix { get; init; } = "";

    public SignedText Signed { get; init; } = SignedText.BodyAlone;

    /// <summary>The header of the time of sending, in seconds or milliseconds since 1970; null where none is sent.</summary>
    public string? TimestampHeader { get; init; }

    /// <summary>How far that time may lie from the host's.</summary>
    public TimeSpan Tolerance { get; init; } = DefaultTolerance;

    /// <summary>Whether Slack's <c>url_verification</c> is answered once it is verified.</summary>
    public bool AnswersSlack { get; init; }

    public override ImmutableArray<SecretName> Secrets => Keys;

    /// <summary>What Standard Webhooks, Stripe and Slack have agreed on.</summary>
    public static readonly TimeSpan DefaultTolerance = TimeSpan.FromMinutes(5);
}

/// <summary>Stripe's: time and signatures in one header.</summary>
internal sealed record StripeAuth(ImmutableArray<SecretName> Keys, TimeSpan Tolerance) : WebhookAuth
{
    public override ImmutableArray<SecretName> Secrets => Keys;
}

/// <summary>standardwebhooks.com: <c>v1</c> by the secrets, <c>v1a</c> by the public keys.</summary>
/// <param name="Keys">Secrets of the form <c>whsec_…</c>.</param>
/// <param name="PublicKeys">Ed25519 keys, 32 bytes each.</param>
/// <param name="Tolerance">How far the time of sending may lie from the host's.</param>
internal sealed record StandardWebhooksAuth(ImmutableArray<SecretName> Keys, ImmutableArray<byte[]> PublicKeys, TimeSpan Tolerance) : WebhookAuth
{
    public override ImmutableArray<SecretName> Secrets => Keys;
}

/// <summary>Twilio's: the public address and the form's fields.</summary>
/// <param name="Keys">The account's auth tokens.</param>
/// <param name="PublicUrl">The origin that Twilio knows the host by; null for the host's setting.</param>
internal sealed record TwilioAuth(ImmutableArray<SecretName> Keys, Uri? PublicUrl) : WebhookAuth
{
    public override ImmutableArray<SecretName> Secrets => Keys;
}

/// <summary>A JSON Web Token in <c>Authorization: Bearer</c> (RFC 6750, RFC 7519).</summary>
internal sealed record JwtAuth : WebhookAuth
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
}

/// <summary>A claim that a token must have, with one of these values.</summary>
internal sealed record ClaimRule(string Name, ImmutableArray<string> Values);

/// <summary>The networks that a webhook may be called from.</summary>
internal sealed class AllowedNetworks(ImmutableArray<IPNetwork> networks)
{
    public bool Contains(IPAddress? address) => address is not null && networks.Any(network => network.Contains(address));
}
