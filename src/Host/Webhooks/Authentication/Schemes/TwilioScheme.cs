using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Secrets;
using Sluice.Engine.Triggers;
using Sluice.Host.Configuration;
using Sluice.Host.Webhooks.Authentication.Signatures;
using Sluice.Host.Webhooks.Gates;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>The webhooks of Twilio.</summary>
internal sealed class TwilioScheme : IAuthScheme
{
    public string Name => "twilio";

    public ImmutableArray<string> Known { get; } = ["secret", "shared_key", "public_url"];

    public KeySource DeliveryKey { get; } = new("twilio", "I-Twilio-Idempotency-Token");

    public WebhookAuth Read(Fields fields)
    {
        Uri? address = null;
        if (fields.Text("public_url") is { } text && !PublicUrl.TryParse(text.Value, out address))
        {
            fields.Note("bad-url", $"'{text.Value}' is no {PublicUrl.Form}.", "public_url", text.At);
        }

        if (fields["shared_key"] is null)
        {
            return new TwilioAuth(SecretReader.ReadRequired(fields), [], address);
        }

        return new TwilioAuth(fields["secret"] is null ? [] : SecretReader.ReadRequired(fields), SecretReader.Read(fields, "shared_key"), address);
    }
}

/// <summary>Twilio's: the public address and the form's fields.</summary>
/// <param name="Keys">The account's auth tokens.</param>
/// <param name="SharedKeys">The secrets of shared keys, whose requests say so; empty where none may sign.</param>
/// <param name="PublicUrl">The origin that Twilio knows the host by; null for the host's setting.</param>
internal sealed record TwilioAuth(ImmutableArray<SecretName> Keys, ImmutableArray<SecretName> SharedKeys, Uri? PublicUrl) : SchemeSettings
{
    public override ImmutableArray<SecretName> Secrets => [.. Keys, .. SharedKeys];

    public override IVerifier CreateVerifier(VerifierContext context) => new TwilioVerifier(this, context.Secrets, context.PublicUrl);

    public override CredentialDescription Describe() => CredentialDescription.InHeader("X-Twilio-Signature", "A signature as Twilio makes it.");
}

/// <summary>
/// Twilio's <c>X-Twilio-Signature</c>: an HMAC of the public address and the form's fields in order, or of the address with the hash of the body in it
/// (https://www.twilio.com/docs/usage/security#validating-requests).
/// </summary>
/// <param name="settings">What the workflow says.</param>
/// <param name="secrets">Where the auth tokens and shared keys are.</param>
/// <param name="hostUrl">The address that callers know the host by; null where it is the one that they sent the request to.</param>
internal sealed class TwilioVerifier(TwilioAuth settings, ISecrets secrets, Uri? hostUrl) : IVerifier
{
    private const string Header = "X-Twilio-Signature";
    private const string SettingsHeader = "X-Twilio-Webhooks-Signature-Settings";
    private const string BodyHash = "bodySHA256";

    // A form costs more to read than to hash, and Twilio's are a few kilobytes.
    private const int LongestForm = 1024 * 1024;

    private static readonly Refused Missing = new(RejectionReason.MissingCredentials, $"The header {Header} is missing or repeated.");
    private static readonly Refused Malformed = new(RejectionReason.MalformedCredentials, $"The header {Header} is not a base64 signature.");
    private static readonly Refused OtherKey = new(
        RejectionReason.MalformedCredentials, "The request was signed with a kind of key or an algorithm that the workflow does not accept. Set 'secret' for an auth token, 'shared_key' for a shared key.");
    private static readonly Refused Unsigned = new(RejectionReason.MalformedCredentials, $"The body is not a form, and the query has no {BodyHash} for it.");
    private static readonly Refused Wrong = new(
        RejectionReason.WrongSignature,
        $"The signature in {Header} does not match the request. Check the auth token or shared key; behind a proxy, set Webhooks:PublicUrl to the address that Twilio calls.");

    private readonly SecretBytes _tokens = SecretBytes.ReadText(settings.Keys, secrets);
    private readonly SecretBytes _shared = SecretBytes.ReadText(settings.SharedKeys, secrets);

    public ValueTask<Verdict> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        var headers = request.Http.Request.Headers;
        return new(Verdict.OpenUnless(SchemeOf(headers) is var (keys, _) ? keys.RefuseIfNone() ?? CheckHeader(headers) : OtherKey));
    }

    public Verdict CheckBody(in ReceivedRequest request)
    {
        var http = request.Arrival.Http;
        var headers = http.Request.Headers;
        var (keys, algorithm) = SchemeOf(headers)!.Value;
        if (Fields(http, request.Body) is not { } fields)
        {
            return Unsigned;
        }

        byte[][] sent = [SecretBytes.FromBase64(headers[Header].ToString())!];
        var sender = Addresses(http)
            .Select(address => Mac.Find(algorithm, keys, [Encoding.UTF8.GetBytes(address + fields)], sent))
            .FirstOrDefault(found => found is not null);
        return Verdict.Of(sender, Wrong);
    }

    // A shared key says so in a header of its own, with the algorithm; the auth token signs with SHA-1. Null where the workflow has no key of that kind.
    private (SecretBytes Keys, string Algorithm)? SchemeOf(IHeaderDictionary headers)
    {
        var given = headers[SettingsHeader];
        var algorithm = given.ToString().Split(',').Select(part => part.Split('=', 2, StringSplitOptions.TrimEntries))
            .FirstOrDefault(pair => pair is ["algorithm", _])?[1].ToUpperInvariant();
        return given.Count == 0 ? (settings.Keys.IsEmpty ? null : (_tokens, "sha1"))
            : settings.SharedKeys.IsEmpty ? null
            : algorithm switch
            {
                "HMAC_SHA256" => (_shared, "sha256"),
                "HMAC_SHA1" or null => (_shared, "sha1"),
                _ => null,
            };
    }

    private static Refused? CheckHeader(IHeaderDictionary headers) => headers[Header] switch
    {
        [{ Length: > 0 } text] => SecretBytes.FromBase64(text) is null ? Malformed : null,
        _ => Missing,
    };

    // What is signed beside the address: nothing where the address holds the body's hash; null where the body is covered by neither.
    private static string? Fields(HttpContext context, ReadOnlyMemory<byte> body)
    {
        var http = context.Request;
        if (UrlEncodedForm.Read(http.QueryString.Value.AsSpan().TrimStart('?')).GetValueOrDefault(BodyHash) is [{ Length: > 0 } hash])
        {
            return SecretBytes.FromHex(hash) is { } expected && CryptographicOperations.FixedTimeEquals(SHA256.HashData(body.Span), expected) ? "" : null;
        }

        if (body.IsEmpty)
        {
            return "";
        }

        var isForm = MediaTypeHeaderValue.TryParse(http.ContentType, out var type) && type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);
        return isForm && body.Length <= LongestForm ? SortedFields(body.Span) : null;
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
