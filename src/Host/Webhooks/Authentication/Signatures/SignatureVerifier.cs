using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Host.Webhooks.Gates;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>Verifies a signature in a header, made with a secret or a private key: the scheme of most providers.</summary>
internal sealed class SignatureVerifier(SignatureAuth settings, ISignatureKeys keys, Freshness freshness) : IVerifier
{
    private readonly SignedParts _signed = new(settings);
    private readonly Refused _missing = new(RejectionReason.MissingCredentials, $"The header {settings.Header} is missing.");
    private readonly Refused _malformed = new(RejectionReason.MalformedCredentials, $"The header {settings.Header} does not have the expected form.");
    private readonly Refused _wrong = new(RejectionReason.WrongSignature, $"The signature in {settings.Header} does not match the request.");
    private readonly Refused _noTime = new(RejectionReason.MissingCredentials, $"The header {settings.TimestampHeader} is missing or repeated.");

    public ValueTask<Verdict> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken) =>
        new(Verdict.OpenUnless(keys.RefuseIfNone() ?? CheckHeaders(request)));

    public Verdict CheckBody(in ReceivedRequest request)
    {
        var sent = Read(request.Arrival.Http.Request.Headers);
        if (_signed.RefuseBody(request.Body.Span) is { } refused)
        {
            return refused;
        }

        return Verdict.Of(keys.Find(_signed.Of(request, sent.Time), sent.Signatures), _wrong);
    }

    public IEarlyAnswer? AnswerTo(ReadOnlySpan<byte> body) => settings.AnswerTo(body);

    private Refused? CheckHeaders(WebhookRequest request)
    {
        var headers = request.Http.Request.Headers;
        if (!headers.TryGetValue(settings.Header, out var header) || header.ToString().Length == 0)
        {
            return _missing;
        }

        var sent = Read(headers);
        return sent.Signatures.Count == 0 ? _malformed : CheckTime(sent.Time) ?? _signed.RefuseHeaders(request);
    }

    private Refused? CheckTime(string? time)
    {
        if (settings.TimestampHeader is null && settings.Pattern?.TimePrefix is null)
        {
            return null;
        }

        return time is { Length: > 0 } ? freshness.Judge(time, settings.Tolerance, settings.TimeFormat) : settings.TimestampHeader is null ? _malformed : _noTime;
    }

    private (string? Time, List<byte[]> Signatures) Read(IHeaderDictionary headers)
    {
        var time = settings.TimestampHeader is { } name && headers[name] is [{ } sent] ? sent : null;
        var (separator, prefix, timePrefix) = settings.Pattern is { } pattern ? (pattern.Separator, pattern.SignaturePrefix, pattern.TimePrefix) : (',', settings.Prefix, null);
        var signatures = new List<byte[]>();

        // Without a pattern, several signatures are separated by commas, as several header lines are when joined (RFC 9110, section 5.3).
        // No signature encoding contains a comma.
        foreach (var line in headers[settings.Header])
        {
            foreach (var range in line.AsSpan().Split(separator))
            {
                var element = line.AsSpan()[range].Trim();
                if (timePrefix is not null && element.StartsWith(timePrefix, StringComparison.Ordinal))
                {
                    time = element[timePrefix.Length..].ToString();
                }
                else if (signatures.Count < Mac.MostSignatures && element.StartsWith(prefix, StringComparison.Ordinal) && Decode(element[prefix.Length..]) is { Length: > 0 } signature)
                {
                    signatures.Add(signature);
                }
            }
        }

        return (time, signatures);
    }

    private byte[]? Decode(ReadOnlySpan<char> text) => settings.Encoding switch
    {
        "hex" => SecretBytes.FromHex(text),
        "base64url" => Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null,
        _ => SecretBytes.FromBase64(text.ToString()),
    };
}
