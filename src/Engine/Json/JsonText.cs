using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sluice.Engine.Json;

/// <summary>Writes the engine's JSON: compact, and without escaping non-ASCII characters, because it is never embedded in HTML.</summary>
internal static class JsonText
{
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The options for JSON of other parties that the engine has wrapped: deeper than theirs may be.</summary>
    public static readonly JsonDocumentOptions Wrapped = new() { MaxDepth = 128 };

    /// <summary>Encodes a string as UTF-8 JSON; null as <c>null</c>.</summary>
    public static byte[] Encode(string? text) => Write(text, static (writer, value) => writer.WriteStringValue(value));

    /// <summary>Returns what a callback writes, as UTF-8 JSON.</summary>
    public static byte[] Write<TState>(TState state, Action<Utf8JsonWriter, TState> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            write(writer, state);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
