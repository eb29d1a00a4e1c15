using System.Collections.Immutable;
using Sluice.Engine.Definitions.Triggers.Authentication;

namespace Sluice.Host.Webhooks.Authentication.Signatures;

/// <summary>
/// The template of what a sender signs: text with placeholders for parts of the request, such as <c>{timestamp}.{body}</c>.
/// </summary>
internal sealed record SignedText(ImmutableArray<SignedPart> Parts)
{
    /// <summary>The supported placeholders, for messages.</summary>
    public const string Places = "{body}, {timestamp}, {method}, {path} (with the query) and {header.NAME}";

    public static readonly SignedText BodyAlone = new([new SignedPart(SignedPartKind.Body, "")]);

    public bool Has(SignedPartKind kind) => Parts.Any(part => part.Kind == kind);

    /// <summary>Creates the template of a provider, which is known to be valid.</summary>
    public static SignedText Of(string text) => Parse(text).Signed!;

    /// <summary>Parses a template; null and an error message if it is invalid.</summary>
    public static (SignedText? Signed, string? Wrong) Parse(string text)
    {
        var parts = ImmutableArray.CreateBuilder<SignedPart>();
        for (var at = 0; at < text.Length;)
        {
            var (part, length) = Next(text.AsSpan(at));
            if (part is null)
            {
                return (null, $"'{text}' is not a valid signed text: its placeholders are {Places}.");
            }

            parts.Add(part);
            at += length;
        }

        var signed = new SignedText(parts.DrainToImmutable());
        return signed.Parts.Count(part => part.Kind == SignedPartKind.Body) switch
        {
            0 => (null, $"'{text}' leaves the body unsigned, so anybody could change it; put {{body}} into it."),
            1 => (signed, null),
            _ => (null, $"'{text}' contains the body twice; put {{body}} into it once."),
        };
    }

    /// <summary>
    /// Finds two parts without a clear boundary between them: one signature would then be valid for more than one request. Returns an error
    /// message; null if there are none.
    /// </summary>
    public string? FindAmbiguity(TimeFormat time)
    {
        for (var i = 0; i < Parts.Length; i++)
        {
            if (NeighbourOf(i) is { } neighbour && !IsBounded(i, neighbour, time))
            {
                return $"The boundary between {Name(Parts[i])} and {Name(neighbour)} is ambiguous, so one signature would be valid for several requests; put a separator "
                    + "between them, as the sender does.";
            }
        }

        return null;
    }

    /// <summary>Gets the next part towards the body, which alone may contain anything; null for the body itself and for text.</summary>
    public SignedPart? NeighbourOf(int index)
    {
        var body = Parts.Select(part => part.Kind).ToList().IndexOf(SignedPartKind.Body);
        return index == body || Parts[index].Kind == SignedPartKind.Text ? null : Parts[index < body ? index + 1 : index - 1];
    }

    // A timestamp has a clear end in every format but Unix, whose number of digits varies: there the verifier makes sure that no digit of the
    // body follows it. A path starts with a slash, which no method contains. Before text the boundary is clear, because the verifier rejects a
    // value that contains the text.
    private bool IsBounded(int index, SignedPart neighbour, TimeFormat time)
    {
        var isBeforeBody = Parts.Skip(index).Any(part => part.Kind == SignedPartKind.Body);
        return Parts[index].Kind switch
        {
            SignedPartKind.Timestamp when time != TimeFormat.Unix => true,
            SignedPartKind.Timestamp when neighbour.Kind == SignedPartKind.Text => !char.IsAsciiDigit(isBeforeBody ? neighbour.Text[0] : neighbour.Text[^1]),
            SignedPartKind.Timestamp => neighbour.Kind == SignedPartKind.Body,
            _ when neighbour.Kind == SignedPartKind.Text => true,
            SignedPartKind.Method => neighbour.Kind == SignedPartKind.Path && isBeforeBody,
            _ => false,
        };
    }

    private static string Name(SignedPart part) => part.Kind switch
    {
        SignedPartKind.Header => $"{{header.{part.Text}}}",
        SignedPartKind.Text => $"'{part.Text}'",
        var kind => $"{{{kind.ToString().ToLowerInvariant()}}}",
    };

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
        ['h', 'e', 'a', 'd', 'e', 'r', '.', .. var header] when HeaderField.IsHeader(header) => new(SignedPartKind.Header, header.ToString()),
        _ => null,
    };
}

/// <summary>A part of a <see cref="SignedText"/>: literal text, a header by name, or a kind that needs no name.</summary>
internal sealed record SignedPart(SignedPartKind Kind, string Text);

/// <summary>The source of a signed part.</summary>
internal enum SignedPartKind
{
    Text,
    Body,
    Timestamp,
    Method,
    Path,
    Header,
}
