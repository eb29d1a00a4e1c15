using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Execution;
using Sluice.Host.Webhooks.Refusals;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>A key in a header. Hashes are compared, so that not even a key's length shows in the time it takes.</summary>
internal sealed class KeyVerifier(KeyAuth settings, ISecrets secrets) : IVerifier
{
    private readonly SecretBytes _usable = SecretBytes.ReadText(settings.Keys, secrets);
    private readonly ImmutableArray<byte[]> _hashes = [.. SecretBytes.ReadText(settings.Keys, secrets).Values.Select(SHA256.HashData)];
    private readonly Refused _missing = new(RefusalReason.MissingCredentials, $"There is no header {settings.Header}, or more than one.");
    private readonly Refused _malformed = new(RefusalReason.MalformedCredentials, $"The header {settings.Header} does not begin with the prefix.");
    private readonly Refused _wrong = new(RefusalReason.WrongCredentials, $"The key in {settings.Header} is none of the live ones.");

    public string CredentialHeader => settings.Header;

    public ValueTask<Refused?> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken) => new(_usable.RefuseIfNone() ?? Check(request));

    private Refused? Check(WebhookRequest request)
    {
        if (request.Http.Request.Headers[settings.Header] is not [{ Length: > 0 } text])
        {
            return _missing;
        }

        if (!text.StartsWith(settings.Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return _malformed;
        }

        var given = SHA256.HashData(Encoding.UTF8.GetBytes(text[settings.Prefix.Length..]));
        var isOne = false;
        foreach (var hash in _hashes)
        {
            isOne |= CryptographicOperations.FixedTimeEquals(hash, given);
        }

        return isOne ? null : _wrong;
    }
}
