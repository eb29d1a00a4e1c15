using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sluice.Engine.Expressions;

/// <summary>Writes compact JSON to a new array.</summary>
internal static class ConstantJson
{
    /// <summary>Escapes only what JSON requires: the output goes to nodes, not to web pages.</summary>
    public static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private static readonly JsonWriterOptions Options = new() { Encoder = Encoder };

    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
