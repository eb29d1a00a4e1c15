using System.Collections.Immutable;

namespace Sluice.Engine.Definitions.Triggers.Authentication;

/// <summary>What a sender signs: text with places for parts of the request, such as <c>{timestamp}.{body}</c>.</summary>
internal sealed record SignedText(ImmutableArray<SignedPart> Parts)
{
    /// <summary>What to write in braces, for messages.</summary>
    public const string Places = "{body}, {timestamp}, {method}, {path} (with the query) and {header.NAME}";

    public static readonly SignedText BodyAlone = new([new SignedPart(SignedPartKind.Body, "")]);

    public bool Has(SignedPartKind kind) => Parts.Any(part => part.Kind == kind);

    /// <summary>Reads a text; null, and what is wrong, where it is none.</summary>
    public static (SignedText? Signed, string? Wrong) Parse(string text)
    {
        var parts = ImmutableArray.CreateBuilder<SignedPart>();
        for (var at = 0; at < text.Length;)
        {
            var (part, length) = Next(text.AsSpan(at));
            if (part is null)
            {
                return (null, $"'{text}' is no signed text: its places are {Places}.");
            }

            parts.Add(part);
            at += length;
        }

        var signed = new SignedText(parts.DrainToImmutable());
        return signed.Has(SignedPartKind.Body) ? (signed, null) : (null, $"'{text}' leaves the body unsigned, so anybody could change it; put {{body}} into it.");
    }

    private static (SignedPart? Part, int Length) Next(ReadOnlySpan<char> text)
    {
        if (text[0] != '{')
        {
            var end = text.IndexOfAny('{', '}');
            return end == 0 ? (null, 0) : (new SignedPart(SignedPartKind.Text, (end < 0 ? text : text[..end]).ToString()), end < 0 ? text.Length : end);
        }

        var close = text.IndexOf('}');
        return close < 0 ? (null, 0) : (Place(text[1..close]), close + 1);
    }

    private static SignedPart? Place(ReadOnlySpan<char> name) => name switch
    {
        "body" => new(SignedPartKind.Body, ""),
        "timestamp" => new(SignedPartKind.Timestamp, ""),
        "method" => new(SignedPartKind.Method, ""),
        "path" => new(SignedPartKind.Path, ""),
        ['h', 'e', 'a', 'd', 'e', 'r', '.', .. var header] when HeaderName.IsOne(header) => new(SignedPartKind.Header, header.ToString()),
        _ => null,
    };
}

/// <summary>A part of a <see cref="SignedText"/>: text as it stands, the name of a header, or nothing but its kind.</summary>
internal sealed record SignedPart(SignedPartKind Kind, string Text);

/// <summary>Where a part of what is signed comes from.</summary>
internal enum SignedPartKind
{
    Text,
    Body,
    Timestamp,
    Method,
    Path,
    Header,
}
