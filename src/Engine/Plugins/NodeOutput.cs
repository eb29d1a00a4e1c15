using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins;

/// <summary>A node's output on its way into the host.</summary>
internal static class NodeOutput
{
    /// <summary>The kind of failure of a step whose output is longer than outputs may be.</summary>
    public const string TooLarge = "output_too_large";

    /// <summary>The failure of a step with such an output; null where it may be as long as it is.</summary>
    public static NodeFailure? SizeFailure(ReadOnlyMemory<byte> output, NodeContext context) => output.Length <= context.MaxOutputBytes
        ? null
        : new NodeFailure(TooLarge, string.Create(
            CultureInfo.InvariantCulture,
            $"The output has {output.Length:N0} bytes, and the output of a step may have {context.MaxOutputBytes:N0} at most. Have the node return less, such as one page at a time, or raise Runs:MaxOutputBytes."));

    /// <summary>The output in memory of the host's own; the problem where it is not UTF-8 JSON that the host can read.</summary>
    public static (byte[] Copy, string? Problem) Take(ReadOnlyMemory<byte> output)
    {
        // Copied first, checked then: the node may still write to its own bytes.
        var copy = output.ToArray();
        return (copy, Utf8.IsValid(copy) ? JsonProblem(copy) : "it is not UTF-8");
    }

    /// <summary>Whether an output that was taken is <c>null</c>.</summary>
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
