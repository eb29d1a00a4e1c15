using System.Collections.Frozen;
using System.Collections.Immutable;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>Reads the setting <c>auth</c> of a webhook: which type it is, and the fields of that type.</summary>
internal static class AuthReader
{
    private static readonly TimeSpan LongestTolerance = TimeSpan.FromHours(24);

    private static readonly FrozenDictionary<string, AuthType> Types = new Dictionary<string, AuthType>
    {
        ["none"] = new([], static _ => null),
        ["basic"] = new(["users"], Basic),
        ["key"] = new(["header", "prefix", "secret"], Key),
        ["jwt"] = new(JwtReader.Known, JwtReader.Read),
        ["hmac"] = new(SignatureReader.KnownOfHmac, SignatureReader.ReadHmac),
        ["signature"] = new(SignatureReader.KnownOfPublicKey, SignatureReader.ReadPublicKey),
        ["standard_webhooks"] = new(["secret", "public_key", "tolerance"], StandardWebhooksReader.Read),
        ["stripe"] = new(["secret", "tolerance", "header"], SignaturePresets.Stripe),
        ["github"] = new(["secret"], SignaturePresets.Github),
        ["slack"] = new(SignaturePresets.KnownOfSecret, SignaturePresets.Slack),
        ["shopify"] = new(["secret"], SignaturePresets.Shopify),
        ["paddle"] = new(SignaturePresets.KnownOfSecret, SignaturePresets.Paddle),
        ["mux"] = new(SignaturePresets.KnownOfSecret, SignaturePresets.Mux),
        ["zendesk"] = new(SignaturePresets.KnownOfSecret, SignaturePresets.Zendesk),
        ["discord"] = new(SignaturePresets.KnownOfPublicKey, SignaturePresets.Discord),
        ["sendgrid"] = new(SignaturePresets.KnownOfPublicKey, SignaturePresets.SendGrid),
        ["twilio"] = new(["secret", "shared_key", "public_url"], Twilio),
        ["mailgun"] = new(SignaturePresets.KnownOfSecret, static fields => new MailgunAuth(Secrets(fields), Tolerance(fields))),
        ["adyen"] = new(["secret"], static fields => new AdyenAuth(Secrets(fields))),
    }.ToFrozenDictionary();

    private static readonly ImmutableArray<string> Names =
    [
        "none", "basic", "key", "jwt", "hmac", "signature", "standard_webhooks", "stripe", "github", "slack", "shopify", "paddle", "mux", "zendesk", "discord", "sendgrid",
        "twilio", "mailgun", "adyen",
    ];

    /// <summary>How requests prove themselves; null where they need not, or where it was noted as wrong.</summary>
    public static WebhookAuth? Read(Fields trigger, ICollection<Problem> problems)
    {
        if (trigger.Object("auth") is not { } source)
        {
            return null;
        }

        var fields = new Fields(source, trigger.PathOf("auth"), null, problems);
        fields.Require("type", $"one of {string.Join(", ", Names)}");
        if (fields.Text("type") is not { } name)
        {
            return null;
        }

        if (!Types.TryGetValue(name.Value, out var type))
        {
            fields.Note("unknown-auth", $"There is no authentication '{name.Value}'.{DidYouMean.Hint(name.Value, Names)} Types: {string.Join(", ", Names)}.", "type", name.At);
            return null;
        }

        fields.RefuseUnknown(["type", .. type.Known], []);
        return type.Read(fields);
    }

    /// <summary>The field <c>secret</c>, which must be there.</summary>
    public static ImmutableArray<SecretName> Secrets(Fields fields)
    {
        fields.Require("secret", "name one as \"{{ secrets.NAME }}\", or a list of them while you rotate");
        return SecretReader.Read(fields, "secret");
    }

    /// <summary>How far a request's own time may lie from the host's.</summary>
    public static TimeSpan Tolerance(Fields fields)
    {
        var tolerance = fields.Duration("tolerance") ?? SignatureAuth.DefaultTolerance;
        if (tolerance <= TimeSpan.Zero || tolerance > LongestTolerance)
        {
            fields.Note("bad-duration", "The tolerance is longer than 0 and at most 24h; a longer one would let old requests be sent again.", "tolerance", fields["tolerance"]!.At);
        }

        return tolerance;
    }

    private static BasicAuth? Basic(Fields fields)
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

    private static KeyAuth? Key(Fields fields)
    {
        fields.Require("header", "the header that the key comes in, such as X-Api-Key");
        var prefix = fields.Text("prefix")?.Value ?? "";
        var keys = Secrets(fields);
        return HeaderField.Read(fields, "header") is { } header ? new KeyAuth(header, prefix, keys) : null;
    }

    private static TwilioAuth Twilio(Fields fields)
    {
        Uri? address = null;
        if (fields.Text("public_url") is { } text && !PublicUrl.TryParse(text.Value, out address))
        {
            fields.Note("bad-url", $"'{text.Value}' is no {PublicUrl.Form}.", "public_url", text.At);
        }

        if (fields["shared_key"] is null)
        {
            return new TwilioAuth(Secrets(fields), [], address);
        }

        return new TwilioAuth(fields["secret"] is null ? [] : Secrets(fields), SecretReader.Read(fields, "shared_key"), address);
    }

    /// <summary>A type of authentication: the fields it knows beside <c>type</c>, and how they are read.</summary>
    private sealed record AuthType(ImmutableArray<string> Known, Func<Fields, WebhookAuth?> Read);
}
