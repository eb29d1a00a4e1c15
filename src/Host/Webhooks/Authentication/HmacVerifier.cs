using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Execution;
using Sluice.Host.Webhooks.Gates;
using Sluice.Host.Webhooks.Refusals;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>An HMAC of the request in a header: what most providers do, and in the forms of GitHub, Shopify and Slack.</summary>
internal sealed class HmacVerifier(HmacAuth settings, ISecrets secrets, Freshness freshness) : IVerifier
{
    private readonly SecretBytes _keys = SecretBytes.Read(settings.Keys, secrets, settings.KeyEncoding, text => settings.KeyEncoding switch
    {
        "hex" => SecretBytes.FromHex(text),
        "base64" => SecretBytes.FromBase64(text),
        _ => Encoding.UTF8.GetBytes(text),
    });

    private readonly Refused _missing = new(RefusalReason.MissingCredentials, $"There is no header {settings.Header}.");
    private readonly Refused _malformed = new(RefusalReason.MalformedCredentials, $"The header {settings.Header} holds no signature of the form that is expected.");
    private readonly Refused _wrong = new(RefusalReason.WrongSignature, $"The signature in {settings.Header} is not what a live secret makes of this request.");
    private readonly Refused _noTime = new(RefusalReason.MissingCredentials, $"There is no header {settings.TimestampHeader}, or more than one.");

    public ValueTask<Refused?> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken) =>
        new(_keys.RefuseIfNone() ?? CheckSignatures(request) ?? CheckTime(request));

    public Refused? CheckBody(WebhookRequest request)
    {
        var sent = Signatures(request.Http.Request.Headers[settings.Header]);
        foreach (var key in _keys.Values)
        {
            using var mac = Mac.Begin(settings.Algorithm, key.Bytes);
            Sign(mac, request);
            if (Mac.IsAmong(mac, sent))
            {
                request.Identity = $"signature {key.Name}";
                return null;
            }
        }

        return _wrong;
    }

    public IEarlyAnswer? AnswerTo(WebhookRequest request) => settings.AnswersSlack ? SlackChallenge.Of(request.Body.Span) : null;

    private Refused? CheckSignatures(WebhookRequest request)
    {
        var header = request.Http.Request.Headers[settings.Header];
        return StringValues.IsNullOrEmpty(header) ? _missing : Signatures(header).Count == 0 ? _malformed : null;
    }

    private Refused? CheckTime(WebhookRequest request) => settings.TimestampHeader switch
    {
        null => null,
        _ when request.Http.Request.Headers[settings.TimestampHeader] is [{ Length: > 0 } timestamp] => freshness.Judge(timestamp, settings.Tolerance),
        _ => _noTime,
    };

    // Several are separated by commas, as those of several lines are (RFC 9110, section 5.3); no encoding of a signature has one.
    private List<byte[]> Signatures(StringValues header)
    {
        var found = new List<byte[]>();
        var text = header.ToString().AsSpan();
        foreach (var range in text.Split(','))
        {
            var one = text[range].Trim();
            if (found.Count < Mac.MostSignatures
                && one.StartsWith(settings.Prefix, StringComparison.Ordinal)
                && Decode(one[settings.Prefix.Length..]) is { Length: > 0 } signature)
            {
                found.Add(signature);
            }
        }

        return found;
    }

    private byte[]? Decode(ReadOnlySpan<char> text) => settings.Encoding switch
    {
        "hex" => SecretBytes.FromHex(text),
        "base64url" => Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null,
        _ => SecretBytes.FromBase64(text.ToString()),
    };

    private void Sign(IncrementalHash mac, WebhookRequest request)
    {
        var http = request.Http;
        foreach (var part in settings.Signed.Parts)
        {
            if (part.Kind == SignedPartKind.Body)
            {
                mac.AppendData(request.Body.Span);
                continue;
            }

            mac.AppendData(Encoding.UTF8.GetBytes(part.Kind switch
            {
                SignedPartKind.Timestamp => http.Request.Headers[settings.TimestampHeader!].ToString(),
                SignedPartKind.Method => http.Request.Method,
                SignedPartKind.Path => http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
                SignedPartKind.Header => http.Request.Headers[part.Text].ToString(),
                _ => part.Text,
            }));
        }
    }
}
