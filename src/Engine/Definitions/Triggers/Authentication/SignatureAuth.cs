using System.Collections.Immutable;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>A signature of the request in a header.</summary>
/// <param name="Header">The header that it comes in.</param>
internal abstract record SignatureAuth(string Header) : WebhookAuth
{
    /// <summary>What Standard Webhooks, Stripe and Slack have agreed on.</summary>
    public static readonly TimeSpan DefaultTolerance = TimeSpan.FromMinutes(5);

    /// <summary><c>sha1</c>, <c>sha256</c>, <c>sha384</c> or <c>sha512</c> of an HMAC; <c>ed25519</c> or <c>ecdsa_p256</c> of a public key.</summary>
    public abstract string Algorithm { get; init; }

    /// <summary>How the signature is written: <c>hex</c>, <c>base64</c> or <c>base64url</c>.</summary>
    public string Encoding { get; init; } = "hex";

    /// <summary>What stands before each signature: <c>sha256=</c>.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>What the header is made of; null where it holds signatures alone.</summary>
    public SignaturePattern? Pattern { get; init; }

    public SignedText Signed { get; init; } = SignedText.BodyAlone;

    /// <summary>The header of the time of sending; null where it is in the <see cref="Pattern"/>, or not sent.</summary>
    public string? TimestampHeader { get; init; }

    /// <summary>How that time is written.</summary>
    public TimeFormat TimeFormat { get; init; }

    /// <summary>How far that time may lie from the host's.</summary>
    public TimeSpan Tolerance { get; init; } = DefaultTolerance;
}

/// <summary>An HMAC of the request in a header.</summary>
internal sealed record HmacAuth(string Header, ImmutableArray<SecretName> Keys) : SignatureAuth(Header)
{
    public override string Algorithm { get; init; } = "sha256";

    /// <summary>What the secret is: <c>text</c>, <c>hex</c> or <c>base64</c>.</summary>
    public string KeyEncoding { get; init; } = "text";

    /// <summary>Whether Slack's <c>url_verification</c> is answered once it is verified.</summary>
    public bool AnswersSlack { get; init; }

    public override ImmutableArray<SecretName> Secrets => Keys;
}

/// <summary>A signature of the request in a header, verified by a public key.</summary>
/// <param name="Header">The header that it comes in.</param>
/// <param name="Keys">Ed25519 keys of 32 bytes, or P-256 keys as SubjectPublicKeyInfo.</param>
internal sealed record PublicKeyAuth(string Header, ImmutableArray<byte[]> Keys) : SignatureAuth(Header)
{
    public override string Algorithm { get; init; } = "ed25519";

    public override ImmutableArray<SecretName> Secrets => [];
}

/// <summary>How a time of sending is written.</summary>
internal enum TimeFormat
{
    /// <summary>Seconds or milliseconds since 1970, told apart by their size.</summary>
    Unix,

    /// <summary>Seconds since 1970: ten digits, from 2001 to 2286.</summary>
    Seconds,

    /// <summary>Milliseconds since 1970: 13 digits.</summary>
    Milliseconds,

    /// <summary>Date and time with a zone, as RFC 3339 writes ISO 8601.</summary>
    Iso8601,
}
