using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins;

/// <summary>Copies and checks a node's output.</summary>
internal static class NodeOutput
{
    /// <summary>The failure kind of a step whose output exceeds the maximum size.</summary>
    public const string TooLarge = "output_too_large";

    /// <summary>Returns the failure of a step with a too large output; null if the size is allowed.</summary>
    public static NodeFailure? SizeFailure(ReadOnlyMemory<byte> output, NodeContext context) => output.Length <= context.MaxOutputBytes
        ? null
        : new NodeFailure(TooLarge, string.Create(
            CultureInfo.InvariantCulture,
            $"The output has {output.Length:N0} bytes, and the output of a step may have {context.MaxOutputBytes:N0} at most. Have the node return less, such as one page at a time, or raise Runs:MaxOutputBytes."));

    /// <summary>Copies the output to the host's own memory; returns a problem if it is not UTF-8 JSON that the host can read.</summary>
    public static (byte[] Copy, string? Problem) Take(ReadOnlyMemory<byte> output)
    {
        // Copied before it is checked, because the node may still write to its own memory.
        var copy = output.ToArray();
        return (copy, Utf8.IsValid(copy) ? JsonProblem(copy) : "it is not UTF-8");
    }

    /// <summary>Whether a copied output is <c>null</c>.</summary>
    public static bool IsNull(byte[] output) => output.Length < 64 && output.AsSpan().Trim(" \t\r\n"u8).SequenceEqual("null"u8);

    private static string? JsonProblem(byte[] output)
    {
        try
        {
            var reader = new Utf8JsonReader(output);
            while (reader.Read())
            {
            }

            return null;
        }
        catch (JsonException exception)
        {
            return exception.Message;
        }
    }
}
