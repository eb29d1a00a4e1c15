using System.Text;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Secrets;
using Sluice.Host.Webhooks.Refusals;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>
/// Standard Webhooks (https://www.standardwebhooks.com): <c>ID.TIME.BODY</c> signed by HMAC-SHA256 (<c>v1</c>) or Ed25519 (<c>v1a</c>), several signatures
/// separated by spaces. The headers are <c>webhook-*</c>, or Svix's older <c>svix-*</c>.
/// </summary>
internal sealed class StandardWebhooksVerifier(StandardWebhooksAuth settings, ISecrets secrets, Freshness freshness) : IVerifier
{
    private const string SecretPrefix = "whsec_";

    private static readonly Refused Missing = new(RefusalReason.MissingCredentials, "One of the headers webhook-id, webhook-timestamp and webhook-signature is missing or repeated, or webhook-id contains a full stop.");
    private static readonly Refused Malformed = new(RefusalReason.MalformedCredentials, "The header webhook-signature has no signature of an expected version (v1, v1a).");
    private static readonly Refused Wrong = new(RefusalReason.WrongSignature, "No signature in webhook-signature matches the request.");

    private readonly SecretBytes _keys = SecretBytes.Read(
        settings.Keys, secrets, $"{SecretPrefix} and base64",
        text => SecretBytes.FromBase64(text.StartsWith(SecretPrefix, StringComparison.Ordinal) ? text[SecretPrefix.Length..] : text));

    public ValueTask<Refused?> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken) =>
        new((settings.PublicKeys.IsEmpty ? _keys.RefuseIfNone() : null) ?? CheckHeaders(request));

    public Refused? CheckBody(WebhookRequest request)
    {
        var message = Message.Read(request.Http.Request.Headers)!;
        var head = Encoding.UTF8.GetBytes($"{message.Id}.{message.Time}.");
        request.Identity = Mac.Find("sha256", _keys, [head, request.Body], message.Shared) ?? KeyOf(message, head, request.Body.Span);
        return request.Identity is null ? Wrong : null;
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
