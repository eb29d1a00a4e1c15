using Sluice.Host.Webhooks.Gates;

namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>A signature of the request in a header.</summary>
/// <param name="Header">The header that it comes in.</param>
internal abstract record SignatureAuth(string Header) : SchemeSettings
{
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
    public TimeSpan Tolerance { get; init; } = Signatures.Tolerance.Default;

    /// <summary>What a verified body is answered in place of a run; null if it is for a run.</summary>
    public virtual IEarlyAnswer? AnswerTo(ReadOnlySpan<byte> body) => null;

    /// <summary>What the signature is, for descriptions: <c>An HMAC with SHA256</c>.</summary>
    protected abstract string Kind { get; }

    public override CredentialDescription Describe()
    {
        var prefix = this switch
        {
            { Pattern: { TimePrefix: { } before } pattern } => $", in the form `{before}TIME{pattern.Separator}{pattern.SignaturePrefix}SIGNATURE`",
            { Pattern: { } pattern } => $", after `{pattern.SignaturePrefix}`",
            { Prefix.Length: 0 } => "",
            _ => $", after `{Prefix}`",
        };
        var time = TimestampHeader is null ? "" : $" The time of sending is in `{TimestampHeader}`.";
        return CredentialDescription.InHeader(Header, $"{Kind} as {Encoding}{prefix}.{time}");
    }
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
