using System.Collections.Immutable;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>Reads a trigger's <c>cors</c>: what the Fetch standard lets a server send, and nothing that a browser would ignore.</summary>
internal static class CorsReader
{
    private const string Any = "*";
    private static readonly ImmutableArray<string> Known = ["origins", "methods", "headers", "expose", "credentials", "max_age"];
    private static readonly TimeSpan LongestAge = TimeSpan.FromHours(24);

    /// <summary>Reads the setting; null if omitted, or without an origin.</summary>
    public static CorsSettings? Read(Fields trigger, ImmutableArray<string> taken)
    {
        if (trigger.Object("cors") is not { } source)
        {
            return null;
        }

        var fields = trigger.Below("cors", source);
        fields.RefuseUnknown(Known, []);
        fields.Require("origins", "the origins whose pages may call this webhook, such as https://shop.example, or \"*\" for any");
        var origins = ReadOrigins(fields);
        var settings = new CorsSettings(origins, ReadMethods(fields, taken))
        {
            Expose = ReadHeaders(fields, "expose") ?? [],
            Credentials = fields.Flag("credentials") ?? false,
            MaxAge = ReadMaxAge(fields),
        };
        settings = ReadHeaders(fields, "headers") is { } headers ? settings with { Headers = headers } : settings;
        RefuseWildcards(settings, fields);
        return origins.IsEmpty ? null : settings;
    }

    private static ImmutableArray<string> ReadOrigins(Fields fields)
    {
        var texts = fields.TextNodes("origins", "an origin");
        var origins = texts.Select(text => (Origin: Normal(text.Value), text.At)).ToArray();
        foreach (var (text, _) in texts.Zip(origins).Where(pair => pair.Second.Origin is null))
        {
            fields.Note(
                "bad-cors",
                $"'{text.Value}' is not an origin: a scheme, a host and perhaps a port, such as https://shop.example, or \"*\" alone for any. The origin 'null' is "
                + "anybody's, so it can't be named.",
                "origins",
                text.At);
        }

        if (texts.Length > 1 && origins.FirstOrDefault(origin => origin.Origin == Any) is { Origin: not null } any)
        {
            fields.Note("bad-cors", "\"*\" must be the only origin, because it allows any.", "origins", any.At);
        }

        return [.. origins.Select(origin => origin.Origin).OfType<string>().Distinct()];
    }

    // As a browser serializes it (Fetch standard, "byte-serializing a request origin"): lower case, no default port, no slash at the end.
    private static string? Normal(string origin)
    {
        if (origin == Any)
        {
            return Any;
        }

        var isOrigin = Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            && uri.Host.Length > 0
            && uri.UserInfo.Length == 0
            && uri.PathAndQuery == "/"
            && uri.Fragment.Length == 0
            && origin.All(char.IsAscii)
            && !origin.Contains('*', StringComparison.Ordinal);
        return isOrigin ? uri!.GetLeftPart(UriPartial.Authority) : null;
    }

    private static ImmutableArray<string> ReadMethods(Fields fields, ImmutableArray<string> taken)
    {
        var texts = fields.TextNodes("methods", "a method");
        foreach (var text in texts.Where(text => !taken.Contains(text.Value.ToUpperInvariant())))
        {
            fields.Note("bad-cors", $"The webhook does not take '{text.Value}'. It takes {string.Join(", ", taken)}.", "methods", text.At);
        }

        return texts.IsEmpty ? taken : [.. texts.Select(text => text.Value.ToUpperInvariant()).Distinct()];
    }

    private static ImmutableArray<string>? ReadHeaders(Fields fields, string name)
    {
        if (fields[name] is null)
        {
            return null;
        }

        var texts = fields.TextNodes(name, "a header's name");
        foreach (var text in texts.Where(text => !HeaderName.IsOne(text.Value)))
        {
            fields.Note("bad-cors", $"'{text.Value}' is neither a header name (RFC 9110, section 5.1) nor \"*\".", name, text.At);
        }

        return [.. texts.Select(text => text.Value)];
    }

    private static TimeSpan? ReadMaxAge(Fields fields)
    {
        var age = fields.Duration("max_age");
        if (age > LongestAge || age?.Ticks % TimeSpan.TicksPerSecond > 0)
        {
            fields.Note("bad-duration", "'max_age' must be whole seconds, at most 24h: no browser caches it longer.", "max_age", fields["max_age"]!.At);
        }

        return age;
    }

    // Fetch standard, section 3.3.6: with credentials, a wildcard is the literal name "*", which matches nothing.
    private static void RefuseWildcards(CorsSettings settings, Fields fields)
    {
        if (!settings.Credentials)
        {
            return;
        }

        foreach (var (name, values) in new[] { ("origins", settings.Origins), ("headers", settings.Headers), ("expose", settings.Expose) })
        {
            if (values.Contains(Any))
            {
                fields.Note("bad-cors", $"With 'credentials' a browser takes no \"*\" in '{name}': name each one.", name, fields[name]!.At);
            }
        }
    }
}
