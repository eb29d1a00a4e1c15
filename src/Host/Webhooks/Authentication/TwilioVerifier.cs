using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Execution;
using Sluice.Host.Webhooks.Refusals;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>
/// Twilio's <c>X-Twilio-Signature</c>: HMAC-SHA1 of the public address and the form's fields in order, or of the address with the hash of the body in it
/// (https://www.twilio.com/docs/usage/security#validating-requests).
/// </summary>
/// <param name="settings">What the workflow says.</param>
/// <param name="secrets">Where the auth tokens are.</param>
/// <param name="hostUrl">The address that callers know the host by; null where it is the one that they sent the request to.</param>
internal sealed class TwilioVerifier(TwilioAuth settings, ISecrets secrets, Uri? hostUrl) : IVerifier
{
    private const string Header = "X-Twilio-Signature";
    private const string BodyHash = "bodySHA256";

    // A form costs more to read than to hash, and Twilio's are a few kilobytes.
    private const int LongestForm = 1024 * 1024;

    private static readonly Refused Missing = new(RefusalReason.MissingCredentials, $"There is no header {Header}, or more than one.");
    private static readonly Refused Malformed = new(RefusalReason.MalformedCredentials, $"The header {Header} is not the base64 of a signature.");
    private static readonly Refused Unsigned = new(RefusalReason.MalformedCredentials, $"The body is neither a form nor covered by {BodyHash} in the query.");
    private static readonly Refused Wrong = new(
        RefusalReason.WrongSignature,
        $"The signature in {Header} is not what a live auth token makes of this request. Behind a proxy, set Webhooks:PublicUrl to the address that Twilio calls.");

    private readonly SecretBytes _keys = SecretBytes.ReadText(settings.Keys, secrets);

    public ValueTask<Refused?> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken) =>
        new(_keys.RefuseIfNone() ?? CheckHeader(request.Http.Request.Headers));

    public Refused? CheckBody(WebhookRequest request)
    {
        byte[][] sent = [SecretBytes.FromBase64(request.Http.Request.Headers[Header].ToString())!];
        if (Fields(request) is not { } fields)
        {
            return Unsigned;
        }

        foreach (var address in Addresses(request.Http))
        {
            var signed = Encoding.UTF8.GetBytes(address + fields);
            foreach (var key in _keys.Values)
            {
                using var mac = Mac.Begin("sha1", key.Bytes);
                mac.AppendData(signed);
                if (Mac.IsAmong(mac, sent))
                {
                    request.Identity = $"signature {key.Name}";
                    return null;
                }
            }
        }

        return Wrong;
    }

    private static Refused? CheckHeader(IHeaderDictionary headers) => headers[Header] switch
    {
        [{ Length: > 0 } text] => SecretBytes.FromBase64(text) is null ? Malformed : null,
        _ => Missing,
    };

    // What is signed beside the address: nothing where the address holds the body's hash; null where the body is covered by neither.
    private static string? Fields(WebhookRequest request)
    {
        var http = request.Http.Request;
        if (UrlEncodedForm.Read(http.QueryString.Value.AsSpan().TrimStart('?')).GetValueOrDefault(BodyHash) is [{ Length: > 0 } hash])
        {
            return SecretBytes.FromHex(hash) is { } expected && CryptographicOperations.FixedTimeEquals(SHA256.HashData(request.Body.Span), expected) ? "" : null;
        }

        if (request.Body.IsEmpty)
        {
            return "";
        }

        var isForm = MediaTypeHeaderValue.TryParse(http.ContentType, out var type) && type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);
        return isForm && request.Body.Length <= LongestForm ? SortedFields(request.Body.Span) : null;
    }

    // Several values of one name stand once each, in order, as Twilio's libraries have it.
    private static string SortedFields(ReadOnlySpan<byte> body)
    {
        var text = new StringBuilder();
        foreach (var (name, values) in UrlEncodedForm.Read(Encoding.UTF8.GetString(body)).OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            foreach (var value in values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                text.Append(name).Append(value);
            }
        }

        return text.ToString();
    }

    // Twilio's own libraries accept the address with and without the scheme's port too.
    private IEnumerable<string> Addresses(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var given = settings.PublicUrl ?? hostUrl;
        if (given is null && !Uri.TryCreate($"{http.Request.Scheme}://{http.Request.Host}", UriKind.Absolute, out given))
        {
            yield break;
        }

        var path = given.AbsolutePath.TrimEnd('/') + target;
        yield return $"{given.Scheme}://{given.Authority}{path}";
        yield return given.IsDefaultPort ? $"{given.Scheme}://{given.Host}:{given.Port}{path}" : $"{given.Scheme}://{given.Host}{path}";
    }
}
