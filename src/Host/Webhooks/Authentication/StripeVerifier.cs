using System.Text;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Execution;
using Sluice.Host.Webhooks.Refusals;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>Stripe's header <c>Stripe-Signature: t=TIME,v1=HEX,v1=HEX</c> over <c>TIME.BODY</c> (https://docs.stripe.com/webhooks/signature).</summary>
internal sealed class StripeVerifier(StripeAuth settings, ISecrets secrets, Freshness freshness) : IVerifier
{
    private const string Header = "Stripe-Signature";

    private static readonly Refused Missing = new(RefusalReason.MissingCredentials, $"There is no header {Header}.");
    private static readonly Refused Malformed = new(RefusalReason.MalformedCredentials, $"The header {Header} is not of the form t=TIME,v1=HEX.");
    private static readonly Refused Wrong = new(RefusalReason.WrongSignature, $"No v1 signature in {Header} is what a live secret makes of this request.");

    private readonly SecretBytes _keys = SecretBytes.ReadText(settings.Keys, secrets);

    public ValueTask<Refused?> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken) =>
        new(_keys.RefuseIfNone() ?? CheckHeader(request));

    public Refused? CheckBody(WebhookRequest request)
    {
        var (time, signatures) = Read(request);
        foreach (var key in _keys.Values)
        {
            using var mac = Mac.Begin("sha256", key.Bytes);
            mac.AppendData(Encoding.UTF8.GetBytes($"{time}."));
            mac.AppendData(request.Body.Span);
            if (Mac.IsAmong(mac, signatures))
            {
                request.Identity = $"signature {key.Name}";
                return null;
            }
        }

        return Wrong;
    }

    private Refused? CheckHeader(WebhookRequest request)
    {
        if (!request.Http.Request.Headers.ContainsKey(Header))
        {
            return Missing;
        }

        var (time, signatures) = Read(request);
        return time is null || signatures.Count == 0 ? Malformed : freshness.Judge(time, settings.Tolerance);
    }

    // Signatures of other schemes, such as the v0 of test events, prove nothing.
    private static (string? Time, List<byte[]> Signatures) Read(WebhookRequest request)
    {
        string? time = null;
        var signatures = new List<byte[]>();
        var text = request.Http.Request.Headers[Header].ToString().AsSpan();
        foreach (var range in text.Split(','))
        {
            var item = text[range].Trim();
            if (item.StartsWith("t="))
            {
                time = item[2..].ToString();
            }
            else if (item.StartsWith("v1=") && signatures.Count < Mac.MostSignatures && SecretBytes.FromHex(item[3..]) is { } signature)
            {
                signatures.Add(signature);
            }
        }

        return (time, signatures);
    }
}
