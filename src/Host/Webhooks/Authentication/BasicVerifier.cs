using System.Security.Cryptography;
using System.Text;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Secrets;
using Sluice.Host.Webhooks.Refusals;

namespace Sluice.Host.Webhooks.Authentication;

/// <summary>User name and password (RFC 7617). What is compared are hashes, of every user every time, so that the time it takes tells nothing.</summary>
internal sealed class BasicVerifier(BasicAuth settings, ISecrets secrets, string realm) : IVerifier
{
    private const string Scheme = "Basic";

    private static readonly Refused Missing = new(RefusalReason.MissingCredentials, "There is no Authorization header with the scheme Basic.");
    private static readonly Refused Malformed = new(RefusalReason.MalformedCredentials, "The credentials are not NAME:PASSWORD in base64.");
    private static readonly Refused Wrong = new(RefusalReason.WrongCredentials, "The user name or the password is wrong.");

    private readonly SecretBytes _usable = SecretBytes.ReadText(settings.Secrets, secrets);

    private readonly (string User, byte[] Pair)[] _pairs =
    [
        .. settings.Users.SelectMany(user =>
            SecretBytes.ReadText(user.Passwords, secrets).Values.Select(password => (user.Name, Pair(Encoding.UTF8.GetBytes(user.Name), password.Bytes)))),
    ];

    public string CredentialHeader => "Authorization";

    public ValueTask<Refused?> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken) =>
        new(_usable.RefuseIfNone() ?? Check(request));

    // The realm is the workflow's name, which has no quotes.
    public string Challenge(Refused refused) => $"Basic realm=\"{realm}\", charset=\"UTF-8\"";

    private Refused? Check(WebhookRequest request)
    {
        if (AuthorizationHeader.Credentials(request.Http.Request.Headers.Authorization, Scheme) is not { } text)
        {
            return Missing;
        }

        var credentials = SecretBytes.FromBase64(text);
        var colon = credentials.AsSpan().IndexOf((byte)':');
        if (colon < 0)
        {
            return Malformed;
        }

        var given = Pair(credentials.AsSpan(0, colon), credentials.AsSpan(colon + 1));
        string? found = null;
        foreach (var (user, pair) in _pairs)
        {
            found = CryptographicOperations.FixedTimeEquals(pair, given) ? user : found;
        }

        request.Identity = found is null ? null : $"basic {found}";
        return found is null ? Wrong : null;
    }

    private static byte[] Pair(ReadOnlySpan<byte> name, ReadOnlySpan<byte> password) => SHA256.HashData([.. SHA256.HashData(name), .. SHA256.HashData(password)]);
}
