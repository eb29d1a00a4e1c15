using System.Collections.Immutable;
using System.Text;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Secrets;
using Sluice.Engine.Text;
using Sluice.Host.Webhooks.Authentication.Signatures;
using Sluice.Host.Webhooks.Gates;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>The signatures of Standard Webhooks: <c>v1</c> by secrets, <c>v1a</c> by public keys.</summary>
internal sealed class StandardWebhooksScheme : IAuthScheme
{
    private const string PublicPrefix = "whpk_";
    private const int KeyBytes = 32;

    public string Name => "standard_webhooks";

    public ImmutableArray<string> Known { get; } = ["secret", "public_key", "tolerance"];

    public KeySource DeliveryKey => KeySource.StandardWebhooks;

    public WebhookAuth Read(Fields fields)
    {
        if (fields["public_key"] is null)
        {
            fields.Require("secret", "name one as \"{{ secrets.NAME }}\" (whsec_…), or give the sender's 'public_key' (whpk_…)");
        }

        var keys = fields["secret"] is null ? [] : SecretReader.Read(fields, "secret");
        var publicKeys = fields["public_key"] is null ? [] : fields.OneOrMany("public_key", "one public key");
        PublicKeyReader.CheckCount(fields, publicKeys.Length);
        return new StandardWebhooksAuth(keys, [.. publicKeys.Select(key => PublicKey(fields, key)).OfType<byte[]>()], Tolerance.Read(fields));
    }

    // A public key is no secret: it stands in the text.
    private static byte[]? PublicKey(Fields fields, SourceNode node)
    {
        var key = new byte[KeyBytes];
        if (node is SourceNode.Text text
            && text.Value.StartsWith(PublicPrefix, StringComparison.Ordinal)
            && Convert.TryFromBase64String(text.Value[PublicPrefix.Length..], key, out var length)
            && length == KeyBytes)
        {
            return key;
        }

        fields.Note("bad-key", $"A public key is {PublicPrefix} and {KeyBytes} bytes in base64.", "public_key", node.At);
        return null;
    }
}

/// <summary>standardwebhooks.com: <c>v1</c> by the secrets, <c>v1a</c> by the public keys.</summary>
/// <param name="Keys">Secrets of the form <c>whsec_…</c>.</param>
/// <param name="PublicKeys">Ed25519 keys, 32 bytes each.</param>
/// <param name="Tolerance">How far the time of sending may lie from the host's.</param>
internal sealed record StandardWebhooksAuth(ImmutableArray<SecretName> Keys, ImmutableArray<byte[]> PublicKeys, TimeSpan Tolerance) : SchemeSettings
{
    public override ImmutableArray<SecretName> Secrets => Keys;

    public override IVerifier CreateVerifier(VerifierContext context) => new StandardWebhooksVerifier(this, context.Secrets, context.Freshness);

    public override CredentialDescription Describe() =>
        CredentialDescription.InHeader("webhook-signature", "A signature of Standard Webhooks, with `webhook-id` and `webhook-timestamp`.");
}

/// <summary>
/// Standard Webhooks (https://www.standardwebhooks.com): <c>ID.TIME.BODY</c> signed by HMAC-SHA256 (<c>v1</c>) or Ed25519 (<c>v1a</c>), several signatures
/// separated by spaces. The headers are <c>webhook-*</c>, or Svix's older <c>svix-*</c>.
/// </summary>
internal sealed class StandardWebhooksVerifier(StandardWebhooksAuth settings, ISecrets secrets, Freshness freshness) : IVerifier
{
    private const string SecretPrefix = "whsec_";

    private static readonly Refused Missing = new(RejectionReason.MissingCredentials, "One of the headers webhook-id, webhook-timestamp and webhook-signature is missing or repeated, or webhook-id contains a full stop.");
    private static readonly Refused Malformed = new(RejectionReason.MalformedCredentials, "The header webhook-signature has no signature of an expected version (v1, v1a).");
    private static readonly Refused Wrong = new(RejectionReason.WrongSignature, "No signature in webhook-signature matches the request.");

    private readonly SecretBytes _keys = SecretBytes.Read(
        settings.Keys, secrets, $"{SecretPrefix} and base64",
        text => SecretBytes.FromBase64(text.StartsWith(SecretPrefix, StringComparison.Ordinal) ? text[SecretPrefix.Length..] : text));

    public ValueTask<Verdict> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken) =>
        new(Verdict.OpenUnless((settings.PublicKeys.IsEmpty ? _keys.RefuseIfNone() : null) ?? CheckHeaders(request)));

    public Verdict CheckBody(in ReceivedRequest request)
    {
        var message = Message.Read(request.Arrival.Http.Request.Headers)!;
        var head = Encoding.UTF8.GetBytes($"{message.Id}.{message.Time}.");
        return Verdict.Of(Mac.Find("sha256", _keys, [head, request.Body], message.Shared) ?? KeyOf(message, head, request.Body.Span), Wrong);
    }

    private Refused? CheckHeaders(WebhookRequest request) => Message.Read(request.Http.Request.Headers) switch
    {
        null => Missing,
        { Shared.Count: 0 } message when settings.PublicKeys.IsEmpty || message.Public.Count == 0 => Malformed,
        var message => freshness.Judge(message.Time, settings.Tolerance),
    };

    private string? KeyOf(Message message, byte[] head, ReadOnlySpan<byte> body)
    {
        if (settings.PublicKeys.IsEmpty || message.Public.Count == 0)
        {
            return null;
        }

        byte[] signed = [.. head, .. body];
        return Ed25519.SignerOf(signed, message.Public, settings.PublicKeys) is { } made
            ? $"public-key {Convert.ToHexString(made)}"
            : null;
    }

    /// <summary>What the headers say.</summary>
    private sealed record Message(string Id, string Time, List<byte[]> Shared, List<byte[]> Public)
    {
        public static Message? Read(IHeaderDictionary headers) => Read(headers, "webhook") ?? Read(headers, "svix");

        private static Message? Read(IHeaderDictionary headers, string prefix)
        {
            if (headers[$"{prefix}-id"] is not [{ Length: > 0 } id]
                || headers[$"{prefix}-timestamp"] is not [{ Length: > 0 } time]
                || headers[$"{prefix}-signature"] is not [{ Length: > 0 } signatures])
            {
                return null;
            }

            // The specification separates by full stops: one within the id could be taken for the one after it.
            if (id.Contains('.', StringComparison.Ordinal))
            {
                return null;
            }

            var message = new Message(id, time, [], []);
            foreach (var one in signatures.Split(' ', Mac.MostSignatures + 1, StringSplitOptions.RemoveEmptyEntries).Take(Mac.MostSignatures))
            {
                var (version, text) = one.Split(',', 2) is [var first, var second] ? (first, second) : ("", "");
                if (version is "v1" or "v1a" && SecretBytes.FromBase64(text) is { } signature)
                {
                    (version == "v1" ? message.Shared : message.Public).Add(signature);
                }
            }

            return message;
        }
    }
}
