using System.Collections.Immutable;
using System.Net;
using Sluice.Engine.Text;

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
/// <param name="SharedKeys">The secrets of shared keys, whose requests say so; empty where none may sign.</param>
/// <param name="PublicUrl">The origin that Twilio knows the host by; null for the host's setting.</param>
internal sealed record TwilioAuth(ImmutableArray<SecretName> Keys, ImmutableArray<SecretName> SharedKeys, Uri? PublicUrl) : WebhookAuth
{
    public override ImmutableArray<SecretName> Secrets => [.. Keys, .. SharedKeys];
}

/// <summary>Mailgun's: the signature of a time and a token, in the JSON body.</summary>
internal sealed record MailgunAuth(ImmutableArray<SecretName> Keys, TimeSpan Tolerance) : WebhookAuth
{
    public override ImmutableArray<SecretName> Secrets => Keys;
}

/// <summary>Adyen's: the signature of eight fields in each notification of the JSON body.</summary>
internal sealed record AdyenAuth(ImmutableArray<SecretName> Keys) : WebhookAuth
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
