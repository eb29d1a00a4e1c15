using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Sluice.Engine.Expressions;

/// <summary>Writes text from JavaScript, which may hold half a surrogate pair, as Unicode, which may not.</summary>
internal static class WellFormedText
{
    /// <summary>Writes a piece of a string (the writer wants all pieces in one encoding, and constants are UTF-8); half a pair becomes U+FFFD instead of joining with what stands next to it.</summary>
    public static void Write(Utf8JsonWriter writer, string text)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        var length = Encoding.UTF8.GetBytes(text, bytes);
        writer.WriteStringValueSegment(bytes.AsSpan(0, length), isFinalSegment: false);
        ArrayPool<byte>.Shared.Return(bytes);
    }
}
