using System.Buffers;
using System.Text;

namespace Sluice.Engine.Secrets;

/// <summary>A text that stands for a secret.</summary>
/// <param name="Secret">The secret's name.</param>
/// <param name="Name">The name of the spelling.</param>
/// <param name="Text">The secret, spelled so.</param>
internal sealed record SecretPattern(string Secret, string Name, string Text);

/// <summary>A part of a secret that a replacement stands for.</summary>
/// <param name="At">Where the replacement begins in the result.</param>
/// <param name="Pattern">The text of which it is a part.</param>
/// <param name="From">How many characters of that text are left out at its beginning: another one that it overlaps has them.</param>
internal readonly record struct ReplacedPart(int At, SecretPattern Pattern, int From);

/// <summary>Finds and replaces a set of strings in one pass over a text, whatever their number.</summary>
internal sealed class SecretPatterns
{
    private readonly SearchValues<string> _any;
    private readonly SecretPattern[] _longestFirst;

    public SecretPatterns(IEnumerable<SecretPattern> patterns)
    {
        _longestFirst = [.. patterns.OrderByDescending(pattern => pattern.Text.Length)];
        _any = SearchValues.Create([.. _longestFirst.Select(pattern => pattern.Text)], StringComparison.Ordinal);
    }

    /// <summary>The length of the longest one.</summary>
    public int Longest => _longestFirst.Length == 0 ? 0 : _longestFirst[0].Text.Length;

    public bool IsIn(ReadOnlySpan<char> text) => text.IndexOfAny(_any) >= 0;

    /// <summary>The one that is the whole text; null where none is.</summary>
    public SecretPattern? Find(ReadOnlySpan<char> text)
    {
        foreach (var pattern in _longestFirst)
        {
            if (text.SequenceEqual(pattern.Text))
            {
                return pattern;
            }
        }

        return null;
    }

    /// <summary>The text with each of them replaced; null where none is in it. Those that overlap are replaced together, so nothing of either is left.</summary>
    /// <param name="text">The text.</param>
    /// <param name="replacement">What stands in their place.</param>
    /// <param name="parts">Receives what was replaced, in order: put together, the parts of one replacement are the text that it stands for.</param>
    public string? Replace(ReadOnlySpan<char> text, string replacement, List<ReplacedPart>? parts = null)
    {
        var at = text.IndexOfAny(_any);
        if (at < 0)
        {
            return null;
        }

        var result = new StringBuilder(text.Length);
        var done = 0;
        while (at >= 0)
        {
            result.Append(text[done..at]);
            done = EndOf(text, at, result.Length, parts);
            result.Append(replacement);
            var next = text[done..].IndexOfAny(_any);
            at = next < 0 ? -1 : done + next;
        }

        return result.Append(text[done..]).ToString();
    }

    // The end of the stretch of overlapping patterns that begins at a place.
    private int EndOf(ReadOnlySpan<char> text, int start, int resultAt, List<ReplacedPart>? parts)
    {
        var end = start;
        for (var at = start; at < end || at == start;)
        {
            var pattern = PatternAt(text[at..]);
            if (at + pattern.Text.Length > end)
            {
                parts?.Add(new ReplacedPart(resultAt, pattern, end - at));
                end = at + pattern.Text.Length;
            }

            var next = text[(at + 1)..].IndexOfAny(_any);
            if (next < 0)
            {
                break;
            }

            at += 1 + next;
        }

        return end;
    }

    private SecretPattern PatternAt(ReadOnlySpan<char> text)
    {
        foreach (var pattern in _longestFirst)
        {
            if (text.StartsWith(pattern.Text, StringComparison.Ordinal))
            {
                return pattern;
            }
        }

        throw new InvalidOperationException("A pattern was found where none begins.");
    }
}
