using System.Buffers;
using System.Text;

namespace Sluice.Engine.Secrets;

/// <summary>A string that reveals a secret.</summary>
/// <param name="Secret">The secret's name.</param>
/// <param name="Name">The name of the spelling.</param>
/// <param name="Text">The secret in that spelling.</param>
internal sealed record SecretPattern(string Secret, string Name, string Text);

/// <summary>A part of a secret that was replaced.</summary>
/// <param name="At">The start of the replacement in the result.</param>
/// <param name="Pattern">The pattern that the part belongs to.</param>
/// <param name="From">How many leading characters of the pattern are missing, because an overlapping pattern covers them.</param>
internal readonly record struct ReplacedPart(int At, SecretPattern Pattern, int From);

/// <summary>Finds and replaces any number of strings in one pass.</summary>
internal sealed class SecretPatterns
{
    private readonly SearchValues<string> _any;
    private readonly SecretPattern[] _longestFirst;

    public SecretPatterns(IEnumerable<SecretPattern> patterns)
    {
        _longestFirst = [.. patterns.OrderByDescending(pattern => pattern.Text.Length)];
        _any = SearchValues.Create([.. _longestFirst.Select(pattern => pattern.Text)], StringComparison.Ordinal);
    }

    /// <summary>The length of the longest pattern.</summary>
    public int Longest => _longestFirst.Length == 0 ? 0 : _longestFirst[0].Text.Length;

    public bool IsIn(ReadOnlySpan<char> text) => text.IndexOfAny(_any) >= 0;

    /// <summary>Returns the pattern that equals the whole string; null if none does.</summary>
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

    /// <summary>
    /// Replaces all patterns in a string; null if it contains none. Overlapping patterns are replaced together, so that nothing of either
    /// remains.
    /// </summary>
    /// <param name="text">The string.</param>
    /// <param name="replacement">The replacement.</param>
    /// <param name="parts">Receives the replaced parts in order; joined, the parts of one replacement are the replaced string.</param>
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

    // Returns the end of the range of overlapping patterns that begins at an offset.
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
