using System.Collections.Immutable;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>Reads <c>auth</c> of type <c>jwt</c>. Shared and public keys never meet in one setting, so neither can be taken for the other.</summary>
internal static class JwtReader
{
    public static readonly ImmutableArray<string> Known = ["secret", "jwks", "algorithms", "issuer", "audience", "clock_skew", "claims"];

    private static readonly ImmutableArray<string> Shared = ["HS256", "HS384", "HS512"];
    private static readonly ImmutableArray<string> Public = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];
    private static readonly TimeSpan LongestSkew = TimeSpan.FromMinutes(10);

    public static JwtAuth? Read(Fields fields)
    {
        if (fields["secret"] is not null == fields["jwks"] is not null)
        {
            fields.Note(
                "missing-field",
                "A token is verified by 'secret' (shared, HS256 to HS512) or by 'jwks' (public keys, an https address or a file): give one of the two.",
                "secret",
                (fields["jwks"] ?? fields["type"])!.At);
            return null;
        }

        var isShared = fields["secret"] is not null;
        return new JwtAuth
        {
            Keys = isShared ? SecretReader.Read(fields, "secret") : [],
            Jwks = Jwks(fields),
            Algorithms = Algorithms(fields, isShared ? Shared : Public, isShared ? "secret" : "jwks"),
            Issuers = fields.Texts("issuer", "one issuer"),
            Audiences = fields.Texts("audience", "one audience"),
            ClockSkew = Skew(fields),
            Claims = Claims(fields),
        };
    }

    private static string? Jwks(Fields fields)
    {
        if (fields.Text("jwks") is not { } text)
        {
            return null;
        }

        var isAddress = text.Value.Contains("://", StringComparison.Ordinal);
        if (isAddress && !(Uri.TryCreate(text.Value, UriKind.Absolute, out var address) && (address.Scheme == "https" || (address.Scheme == "http" && address.IsLoopback))))
        {
            fields.Note("bad-url", $"'{text.Value}' is no https address of a key set; over http anybody on the way could put in their own keys.", "jwks", text.At);
        }

        return text.Value;
    }

    private static ImmutableArray<string> Algorithms(Fields fields, ImmutableArray<string> possible, string by)
    {
        if (fields["algorithms"] is null)
        {
            return possible;
        }

        foreach (var item in fields.OneOrMany("algorithms", "one algorithm"))
        {
            if (item is not SourceNode.Text text || !possible.Contains(text.Value))
            {
                var name = (item as SourceNode.Text)?.Value ?? item.TypeInWords();
                fields.Note("unknown-value", $"'{name}' can't be verified by '{by}'.{DidYouMean.Hint(name, possible)} Algorithms: {string.Join(", ", possible)}.", "algorithms", item.At);
            }
        }

        return fields.Texts("algorithms", "one algorithm");
    }

    private static TimeSpan Skew(Fields fields)
    {
        var skew = fields.Duration("clock_skew") ?? TimeSpan.FromMinutes(1);
        if (skew > LongestSkew)
        {
            fields.Note("bad-duration", "The clock skew is at most 10m.", "clock_skew", fields["clock_skew"]!.At);
        }

        return skew;
    }

    private static ImmutableArray<ClaimRule> Claims(Fields fields)
    {
        if (fields.Object("claims") is not { } source)
        {
            return [];
        }

        var claims = fields.Below("claims", source);
        return [.. source.Members.Select(member => new ClaimRule(member.Name, claims.Texts(member.Name, "one value")))];
    }
}
