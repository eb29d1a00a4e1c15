using System.Buffers;
using System.Text;

namespace Sluice.Engine.Execution;

/// <summary>Finds and replaces a set of strings in one pass over a text, whatever their number.</summary>
internal sealed class SecretPatterns
{
    private readonly SearchValues<string> _any;
    private readonly string[] _longestFirst;

    public SecretPatterns(IEnumerable<string> patterns)
    {
        _longestFirst = [.. patterns.OrderByDescending(pattern => pattern.Length)];
        _any = SearchValues.Create(_longestFirst, StringComparison.Ordinal);
    }

    /// <summary>The length of the longest one.</summary>
    public int Longest => _longestFirst.Length == 0 ? 0 : _longestFirst[0].Length;

    public bool IsIn(ReadOnlySpan<char> text) => text.IndexOfAny(_any) >= 0;

    /// <summary>Whether the whole text is one of them.</summary>
    public bool IsOne(ReadOnlySpan<char> text)
    {
        foreach (var pattern in _longestFirst)
        {
            if (text.SequenceEqual(pattern))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The text with each of them replaced; null where none is in it. Those that overlap are replaced together, so nothing of either is left.</summary>
    public string? Replace(ReadOnlySpan<char> text, string replacement)
    {
        var at = text.IndexOfAny(_any);
        if (at < 0)
        {
            return null;
        }

        var result = new StringBuilder(text.Length);
        var done = 0;
        var (start, end) = (at, at + LengthAt(text[at..]));
        while (true)
        {
            var next = text[(at + 1)..].IndexOfAny(_any);
            at = next < 0 ? text.Length : at + 1 + next;
            if (at < end)
            {
                end = Math.Max(end, at + LengthAt(text[at..]));
                continue;
            }

            result.Append(text[done..start]).Append(replacement);
            done = end;
            if (next < 0)
            {
                return result.Append(text[done..]).ToString();
            }

            (start, end) = (at, at + LengthAt(text[at..]));
        }
    }

    private int LengthAt(ReadOnlySpan<char> text)
    {
        foreach (var pattern in _longestFirst)
        {
            if (text.StartsWith(pattern, StringComparison.Ordinal))
            {
                return pattern.Length;
            }
        }

        throw new InvalidOperationException("A pattern was found where none begins.");
    }
}
