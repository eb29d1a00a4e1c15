using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Sluice.Engine.Expressions;

/// <summary>Writes JavaScript strings, which may contain half of a surrogate pair, as valid Unicode.</summary>
internal static class WellFormedText
{
    /// <summary>
    /// Writes a piece of a string. The writer needs all pieces in one encoding, and constants are UTF-8. Half a pair becomes U+FFFD and
    /// does not join with its neighbor.
    /// </summary>
    public static void Write(Utf8JsonWriter writer, string text)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var length = Encoding.UTF8.GetBytes(text, bytes);
        writer.WriteStringValueSegment(bytes.AsSpan(0, length), isFinalSegment: false);
        ArrayPool<byte>.Shared.Return(bytes);
    }
}
