using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Secrets;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>A key in a header of the workflow's choice.</summary>
internal sealed class KeyScheme : IAuthScheme
{
    public string Name => "key";

    public ImmutableArray<string> Known { get; } = ["header", "prefix", "secret"];

    public WebhookAuth? Read(Fields fields)
    {
        fields.Require("header", "the header that the key comes in, such as X-Api-Key");
        var prefix = fields.Text("prefix")?.Value ?? "";
        var keys = SecretReader.ReadRequired(fields);
        return HeaderField.Read(fields, "header") is { } header ? new KeyAuth(header, prefix, keys) : null;
    }
}

/// <summary>A key in a header, after a prefix.</summary>
internal sealed record KeyAuth(string Header, string Prefix, ImmutableArray<SecretName> Keys) : SchemeSettings
{
    public override ImmutableArray<SecretName> Secrets => Keys;

    public override bool IsInHeaders => true;

    public override IVerifier CreateVerifier(VerifierContext context) => new KeyVerifier(this, context.Secrets);

    public override CredentialDescription Describe() =>
        IsBearer ? CredentialDescription.OfHttp("bearer", "A key.")
        : CredentialDescription.InHeader(Header, Prefix.Length == 0 ? "A key." : $"`{Prefix}`, and then a key.");

    private bool IsBearer =>
        Header.Equals("Authorization", StringComparison.OrdinalIgnoreCase) && Prefix.Trim().Equals("Bearer", StringComparison.OrdinalIgnoreCase);
}

/// <summary>A key in a header. Hashes are compared, so that not even a key's length shows in the time it takes.</summary>
internal sealed class KeyVerifier(KeyAuth settings, ISecrets secrets) : IVerifier
{
    private readonly SecretBytes _usable = SecretBytes.ReadText(settings.Keys, secrets);
    private readonly ImmutableArray<(string Name, byte[] Hash)> _hashes =
        [.. SecretBytes.ReadText(settings.Keys, secrets).Values.Select(key => (key.Name, SHA256.HashData(key.Bytes)))];

    // There the prefix is a scheme, and any number of spaces may follow it (RFC 9110, section 11.4).
    private readonly bool _isAuthorization = settings.Header.Equals("Authorization", StringComparison.OrdinalIgnoreCase);
    private readonly Refused _missing = new(RejectionReason.MissingCredentials, $"The header {settings.Header} is missing or repeated.");
    private readonly Refused _malformed = new(RejectionReason.MalformedCredentials, $"The header {settings.Header} does not start with the prefix.");
    private readonly Refused _wrong = new(RejectionReason.WrongCredentials, $"The key in {settings.Header} is wrong.");

    public string CredentialHeader => settings.Header;

    public ValueTask<Verdict> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken) =>
        new(_usable.RefuseIfNone() is { } none ? none : Check(request));

    private Verdict Check(WebhookRequest request)
    {
        if (request.Http.Request.Headers[settings.Header] is not [{ Length: > 0 } text])
        {
            return _missing;
        }

        if (!text.StartsWith(settings.Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return _malformed;
        }

        var key = text[settings.Prefix.Length..];
        var given = SHA256.HashData(Encoding.UTF8.GetBytes(_isAuthorization ? key.TrimStart(' ') : key));
        string? found = null;
        foreach (var (name, hash) in _hashes)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, given) ? found ?? name : found;
        }

        return Verdict.Of(found is null ? null : $"key {found}", _wrong);
    }
}
