using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sluice.Engine.Json;

/// <summary>How the engine writes JSON: compact, and readable beyond ASCII (it never stands inside HTML).</summary>
internal static class JsonText
{
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>How JSON is read that the engine has put around somebody else's: deeper than theirs may be.</summary>
    public static readonly JsonDocumentOptions Wrapped = new() { MaxDepth = 128 };

    /// <summary>A string as UTF-8 JSON; null as <c>null</c>.</summary>
    public static byte[] Encode(string? text) => Write(text, static (writer, value) => writer.WriteStringValue(value));

    /// <summary>What a callback writes, as UTF-8 JSON.</summary>
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
