using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Secrets;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Webhooks.Authentication.Schemes;

/// <summary>A user name and a password in <c>Authorization: Basic</c> (RFC 7617).</summary>
internal sealed class BasicScheme : IAuthScheme
{
    public string Name => "basic";

    public ImmutableArray<string> Known { get; } = ["users"];

    public WebhookAuth? Read(Fields fields)
    {
        fields.Require("users", "name each user and its password, such as { ada: \"{{ secrets.ada_password }}\" }");
        if (fields.Object("users") is not { } source)
        {
            return null;
        }

        if (source.Members.IsEmpty)
        {
            fields.Note("missing-field", "'users' is empty: name at least one user and its password.", "users", source.At);
        }

        var users = fields.Below("users", source);
        foreach (var member in source.Members.Where(member => member.Name.Contains(':', StringComparison.Ordinal) || member.Name.Length == 0))
        {
            users.Note("bad-name", $"'{member.Name}' can't be the name of a user: it is not empty and holds no colon (RFC 7617).", member.Name, member.NameAt);
        }

        return new BasicAuth([.. source.Members.Select(member => new BasicUser(member.Name, Passwords(users, member.Name)))]);
    }

    private static ImmutableArray<SecretName> Passwords(Fields users, string name)
    {
        users.Require(name, "name the password, as \"{{ secrets.NAME }}\"");
        return SecretReader.Read(users, name);
    }
}

/// <summary>A user name and a password (RFC 7617).</summary>
internal sealed record BasicAuth(ImmutableArray<BasicUser> Users) : SchemeSettings
{
    public override ImmutableArray<SecretName> Secrets => [.. Users.SelectMany(user => user.Passwords)];

    public override bool IsInHeaders => true;

    public override IVerifier CreateVerifier(VerifierContext context) => new BasicVerifier(this, context.Secrets, context.Workflow);

    public override CredentialDescription Describe() => CredentialDescription.OfHttp("basic", "A user name and a password (RFC 7617).");
}

/// <summary>A user of <see cref="BasicAuth"/>, and the passwords that are good for it now.</summary>
internal sealed record BasicUser(string Name, ImmutableArray<SecretName> Passwords);

/// <summary>User name and password (RFC 7617). What is compared are hashes, of every user every time, so that the time it takes tells nothing.</summary>
internal sealed class BasicVerifier(BasicAuth settings, ISecrets secrets, string realm) : IVerifier
{
    private const string Scheme = "Basic";

    private static readonly Refused Missing = new(RejectionReason.MissingCredentials, "There is no Authorization header with the scheme Basic.");
    private static readonly Refused Malformed = new(RejectionReason.MalformedCredentials, "The credentials are not NAME:PASSWORD in base64.");
    private static readonly Refused Wrong = new(RejectionReason.WrongCredentials, "The user name or the password is wrong.");

    private readonly SecretBytes _usable = SecretBytes.ReadText(settings.Secrets, secrets);

    private readonly (string User, byte[] Pair)[] _pairs =
    [
        .. settings.Users.SelectMany(user =>
            SecretBytes.ReadText(user.Passwords, secrets).Values.Select(password => (user.Name, Pair(Encoding.UTF8.GetBytes(user.Name), password.Bytes)))),
    ];

    public string CredentialHeader => "Authorization";

    public ValueTask<Verdict> CheckHeadersAsync(WebhookRequest request, CancellationToken cancellationToken) =>
        new(_usable.RefuseIfNone() is { } none ? none : Check(request));

    // The realm is the workflow's name, which has no quotes.
    public string Challenge(Refused refused) => $"Basic realm=\"{realm}\", charset=\"UTF-8\"";

    private Verdict Check(WebhookRequest request)
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

        return Verdict.Of(found is null ? null : $"basic {found}", Wrong);
    }

    private static byte[] Pair(ReadOnlySpan<byte> name, ReadOnlySpan<byte> password) => SHA256.HashData([.. SHA256.HashData(name), .. SHA256.HashData(password)]);
}
