using System.Collections.Immutable;
using System.Text;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Secrets;
using Sluice.Host.Webhooks.Authentication.Signatures;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>An HMAC of the request in a header, with a secret that the sender shares.</summary>
internal sealed class HmacScheme : IAuthScheme
{
    public string Name => "hmac";

    public ImmutableArray<string> Known { get; } = ["secret", "secret_encoding", .. SignatureReader.Known];

    public WebhookAuth? Read(Fields fields)
    {
        fields.Require("header", "the header that the signature comes in, such as X-Signature");
        var keys = SecretReader.ReadRequired(fields);
        return SignatureReader.Complete(fields, new HmacAuth(HeaderField.Read(fields, "header") ?? "", keys)
        {
            Algorithm = fields.Word("algorithm", ["sha256", "sha1", "sha384", "sha512"]) ?? "sha256",
            KeyEncoding = fields.Word("secret_encoding", ["text", "hex", "base64"]) ?? "text",
        });
    }
}

/// <summary>An HMAC of the request in a header. Several providers send one, each in its own form.</summary>
internal record HmacAuth(string Header, ImmutableArray<SecretName> Keys) : SignatureAuth(Header)
{
    public override string Algorithm { get; init; } = "sha256";

    /// <summary>What the secret is: <c>text</c>, <c>hex</c> or <c>base64</c>.</summary>
    public string KeyEncoding { get; init; } = "text";

    public override ImmutableArray<SecretName> Secrets => Keys;

    protected override string Kind => $"An HMAC with {Algorithm.ToUpperInvariant()}";

    public override IVerifier CreateVerifier(VerifierContext context) => new SignatureVerifier(this, new HmacKeys(this, context.Secrets), context.Freshness);
}

/// <summary>Secrets, for an HMAC.</summary>
internal sealed class HmacKeys(HmacAuth settings, ISecrets secrets) : ISignatureKeys
{
    private readonly SecretBytes _keys = SecretBytes.Read(settings.Keys, secrets, settings.KeyEncoding, text => settings.KeyEncoding switch
    {
        "hex" => SecretBytes.FromHex(text),
        "base64" => SecretBytes.FromBase64(text),
        _ => Encoding.UTF8.GetBytes(text),
    });

    public Refused? RefuseIfNone() => _keys.RefuseIfNone();

    public string? Find(IReadOnlyList<ReadOnlyMemory<byte>> parts, IReadOnlyList<byte[]> signatures) => Mac.Find(settings.Algorithm, _keys, parts, signatures);
}
