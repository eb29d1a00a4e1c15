using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Secrets;
using Sluice.Host.Webhooks.Authentication.Signatures;
using Sluice.Host.Webhooks.Gates;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>The notifications of Adyen.</summary>
internal sealed class AdyenScheme : IAuthScheme
{
    public string Name => "adyen";

    public ImmutableArray<string> Known { get; } = ["secret"];

    public WebhookAuth Read(Fields fields) => new AdyenAuth(SecretReader.ReadRequired(fields));
}

/// <summary>Adyen's: the signature of eight fields in each notification of the JSON body.</summary>
internal sealed record AdyenAuth(ImmutableArray<SecretName> Keys) : SchemeSettings
{
    public override ImmutableArray<SecretName> Secrets => Keys;

    public override IVerifier CreateVerifier(VerifierContext context) => new AdyenVerifier(this, context.Secrets);

    // The signature is in the body.
    public override CredentialDescription? Describe() => null;
}

/// <summary>
/// Adyen's <c>hmacSignature</c> in each notification of the JSON body: HMAC-SHA256 of eight of its fields, separated by colons
/// (https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures). The other fields are not signed.
/// </summary>
internal sealed class AdyenVerifier(AdyenAuth settings, ISecrets secrets) : IVerifier
{
    private static readonly Refused Malformed = new(
        RejectionReason.MalformedCredentials, "The body is not JSON with notificationItems that have an hmacSignature and the signed fields, or a field other than merchantReference contains a colon.");

    private static readonly Refused Wrong = new(RejectionReason.WrongSignature, "An hmacSignature in the body does not match its notification.");

    private readonly SecretBytes _keys = SecretBytes.Read(settings.Keys, secrets, "hex", text => SecretBytes.FromHex(text));

    public ValueTask<Verdict> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken) =>
        new(Verdict.OpenUnless(_keys.RefuseIfNone()));

    public Verdict CheckBody(in ReceivedRequest request)
    {
        if (StrictJson.ReadBody(request) is not { } body
            || !body.TryGetProperty("notificationItems", out var items)
            || items.ValueKind != JsonValueKind.Array)
        {
            return Malformed;
        }

        string? sender = null;
        foreach (var item in items.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("NotificationRequestItem", out var notification) || Read(notification) is not var (signed, signature))
            {
                return Malformed;
            }

            // One request is one sender's.
            if (Mac.Find("sha256", _keys, [Encoding.UTF8.GetBytes(signed)], [signature]) is not { } found || (sender ?? found) != found)
            {
                return Wrong;
            }

            sender = found;
        }

        return Verdict.Of(sender, Malformed);
    }

    private static (string Signed, byte[] Signature)? Read(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object
            || !item.TryGetProperty("additionalData", out var data)
            || SecretBytes.FromBase64(data.Text("hmacSignature") ?? "") is not { Length: > 0 } signature
            || !item.TryGetProperty("amount", out var amount)
            || amount.ValueKind != JsonValueKind.Object
            || !amount.TryGetProperty("value", out var value)
            || value.ValueKind != JsonValueKind.Number
            || !value.TryGetInt64(out var number))
        {
            return null;
        }

        // A colon in one of them could be taken for the one behind it; in the one field that is the merchant's own it can't, once no other has one.
        string?[] before = [item.Text("pspReference"), item.Text("originalReference") ?? "", item.Text("merchantAccountCode")];
        string?[] after = [number.ToString(System.Globalization.CultureInfo.InvariantCulture), amount.Text("currency"), item.Text("eventCode"), item.Text("success")];
        return before.Concat(after).All(field => field is not null && !field.Contains(':', StringComparison.Ordinal))
            ? (string.Join(':', [.. before, item.Text("merchantReference") ?? "", .. after]), signature)
            : null;
    }
}
