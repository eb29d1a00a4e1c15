using Sluice.Host.Webhooks.Gates;

namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>The settings of a signature in a header.</summary>
/// <param name="Header">The header that carries the signature.</param>
internal abstract record SignatureAuth(string Header) : SchemeSettings
{
    /// <summary>
    /// <c>sha1</c>, <c>sha256</c>, <c>sha384</c> or <c>sha512</c> for an HMAC; <c>ed25519</c> or <c>ecdsa_p256</c> for a public key.
    /// </summary>
    public abstract string Algorithm { get; init; }

    /// <summary>The encoding of the signature: <c>hex</c>, <c>base64</c> or <c>base64url</c>.</summary>
    public string Encoding { get; init; } = "hex";

    /// <summary>The prefix of each signature: <c>sha256=</c>.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The structure of the header; null if it contains only signatures.</summary>
    public SignaturePattern? Pattern { get; init; }

    public SignedText Signed { get; init; } = SignedText.BodyAlone;

    /// <summary>The header with the timestamp; null if it is in the <see cref="Pattern"/>, or not sent.</summary>
    public string? TimestampHeader { get; init; }

    /// <summary>The format of the timestamp.</summary>
    public TimeFormat TimeFormat { get; init; }

    /// <summary>How far the timestamp may differ from the host's clock.</summary>
    public TimeSpan Tolerance { get; init; } = Signatures.Tolerance.Default;

    /// <summary>Gets the response to a verified body that starts no run; null if it starts one.</summary>
    public virtual IEarlyAnswer? AnswerTo(ReadOnlySpan<byte> body) => null;

    /// <summary>The kind of signature, for API descriptions: <c>An HMAC with SHA256</c>.</summary>
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

/// <summary>The format of a timestamp.</summary>
internal enum TimeFormat
{
    /// <summary>Seconds or milliseconds since 1970, distinguished by size.</summary>
    Unix,

    /// <summary>Seconds since 1970: ten digits, from 2001 to 2286.</summary>
    Seconds,

    /// <summary>Milliseconds since 1970: 13 digits.</summary>
    Milliseconds,

    /// <summary>An ISO 8601 date and time with a time zone, as in RFC 3339.</summary>
    Iso8601,
}
