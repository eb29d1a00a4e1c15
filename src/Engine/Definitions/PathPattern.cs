using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Sluice.Engine.Definitions;

/// <summary>
/// The path of a webhook below <c>/hooks</c>: segments that are each a literal or a parameter, as in <c>/orders/{id}</c>.
/// </summary>
internal sealed partial class PathPattern
{
    /// <summary>The most segments a path may have.</summary>
    public const int MostSegments = 16;

    private const int LongestPath = 1024;

    private PathPattern(ImmutableArray<PathSegment> segments) => Segments = segments;

    public ImmutableArray<PathSegment> Segments { get; }

    /// <summary>
    /// Parses a pattern. Adds a missing leading slash and removes a trailing one; otherwise returns the broken rule and how to fix it.
    /// </summary>
    public static (PathPattern? Pattern, string? Wrong) Parse(string text)
    {
        if (text.Length > LongestPath)
        {
            return (null, $"The path has {text.Length} characters; at most {LongestPath} are allowed.");
        }

        if (text.AsSpan().IndexOfAny("?#\\%") is var index and >= 0)
        {
            return (null, $"A path can't hold '{text[index]}': write the plain path only, unescaped, without query and fragment.");
        }

        var trimmed = text.StartsWith('/') ? text[1..] : text;
        trimmed = trimmed.EndsWith('/') ? trimmed[..^1] : trimmed;
        if (trimmed.Length == 0)
        {
            return (null, "The path is empty; it has at least one segment, such as /orders.");
        }

        var parts = trimmed.Split('/');
        if (parts.Length > MostSegments)
        {
            return (null, $"The path has {parts.Length} segments; at most {MostSegments} are allowed.");
        }

        return Parse(parts);
    }

    /// <summary>Whether some path matches both patterns.</summary>
    public bool Overlaps(PathPattern other)
    {
        if (Segments.Length != other.Segments.Length)
        {
            return false;
        }

        for (var index = 0; index < Segments.Length; index++)
        {
            var (left, right) = (Segments[index], other.Segments[index]);
            if (!left.IsParameter && !right.IsParameter && left.Text != right.Text)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The names of its parameters, in order.</summary>
    public IEnumerable<string> Parameters => Segments.Where(segment => segment.IsParameter).Select(segment => segment.Text);

    /// <summary>Returns the normal form: a slash before each segment, none at the end.</summary>
    public override string ToString() => string.Concat(Segments.Select(segment => segment.IsParameter ? $"/{{{segment.Text}}}" : $"/{segment.Text}"));

    private static (PathPattern? Pattern, string? Wrong) Parse(string[] parts)
    {
        var segments = ImmutableArray.CreateBuilder<PathSegment>(parts.Length);
        foreach (var part in parts)
        {
            var isParameter = part.StartsWith('{') && part.EndsWith('}');
            if (WrongWith(part, isParameter) is { } wrong)
            {
                return (null, wrong);
            }

            var segment = new PathSegment(isParameter ? part[1..^1] : part, isParameter);
            if (isParameter && segments.Contains(segment))
            {
                return (null, $"The parameter '{segment.Text}' stands twice in the path; give each its own name.");
            }

            segments.Add(segment);
        }

        return (new PathPattern(segments.MoveToImmutable()), null);
    }

    private static string? WrongWith(string part, bool isParameter) => part switch
    {
        "" => "The path has an empty segment; write one slash between segments.",
        "." or ".." => $"The path has the segment '{part}', which no request ever reaches; remove it.",
        _ when isParameter && !ParameterName().IsMatch(part[1..^1]) =>
            $"'{part}' is not a parameter: its name is a letter, then letters, digits and '_', such as {{id}}.",
        _ when !isParameter && part.AsSpan().IndexOfAny('{', '}') >= 0 => $"'{part}' mixes text and a parameter; a parameter is a whole segment, such as /{{id}}.",
        _ when part.Any(character => char.IsControl(character) || char.IsWhiteSpace(character)) => $"The segment '{part}' holds a space; remove it.",
        _ => null,
    };

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_]*\z")]
    private static partial Regex ParameterName();
}

/// <summary>One segment of a path pattern.</summary>
/// <param name="Text">The literal as it appears in a decoded path, or the parameter's name.</param>
/// <param name="IsParameter">Whether it matches any one segment.</param>
internal readonly record struct PathSegment(string Text, bool IsParameter);
