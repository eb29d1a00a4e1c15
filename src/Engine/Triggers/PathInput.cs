using System.Buffers.Text;
using System.Text;

namespace Sluice.Engine.Triggers;

/// <summary>The path of a request, split into segments in place and still percent-encoded.</summary>
internal readonly ref struct PathInput
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<char> _path;
    private readonly ReadOnlySpan<Range> _segments;

    /// <param name="path">The path. One leading and one trailing slash are ignored.</param>
    /// <param name="space">The buffer for the segments; a path with more is invalid.</param>
    public PathInput(ReadOnlySpan<char> path, Span<Range> space)
    {
        path = path is ['/', .. var rest] ? rest : path;
        _path = path is [.. var front, '/'] ? front : path;
        if (_path.IsEmpty || _path.Count('/') >= space.Length)
        {
            return;
        }

        Count = _path.Split(space, '/');
        _segments = space[..Count];
        foreach (var segment in _segments)
        {
            // The path is not normalized: a path that a proxy may read differently (a//b, a/../b) is invalid.
            if (_path[segment] is "" or "." or "..")
            {
                return;
            }
        }

        IsValid = true;
    }

    public bool IsValid { get; }

    public int Count { get; }

    public ReadOnlySpan<char> this[int index] => _path[_segments[index]];

    /// <summary>
    /// Decodes a segment; null if it is not percent-encoded UTF-8, or if it would be dangerous in a file path or a log: a control
    /// character, or a <c>..</c> between slashes.
    /// </summary>
    public static string? Decode(ReadOnlySpan<char> segment)
    {
        var decoded = segment.Contains('%') ? Unescape(segment) : segment.ToString();
        if (decoded is null)
        {
            return null;
        }

        foreach (var character in decoded)
        {
            if (char.IsControl(character))
            {
                return null;
            }
        }

        return decoded.Contains("..", StringComparison.Ordinal) && decoded.Split('/', '\\').Contains("..") ? null : decoded;
    }

    private static string? Unescape(ReadOnlySpan<char> segment)
    {
        try
        {
            var bytes = new byte[Strict.GetByteCount(segment)].AsSpan();
            Strict.GetBytes(segment, bytes);
            var length = 0;
            for (var index = 0; index < bytes.Length; index++)
            {
                bytes[length] = bytes[index];
                if (bytes[index] == '%')
                {
                    if (index + 2 >= bytes.Length || !IsHex(bytes.Slice(index + 1, 2), out bytes[length]))
                    {
                        return null;
                    }

                    index += 2;
                }

                length++;
            }

            return Strict.GetString(bytes[..length]);
        }
        catch (ArgumentException)
        {
            // Both decoder exceptions: the path, or what it encodes, is not valid Unicode.
            return null;
        }
    }

    private static bool IsHex(ReadOnlySpan<byte> digits, out byte value) =>
        Utf8Parser.TryParse(digits, out value, out var used, 'x') && used == digits.Length;
}
