using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Host.Cli;

/// <summary>The JSON that commands print beyond what the admin API has.</summary>
[JsonSerializable(typeof(IReadOnlyList<FileErrorView>))]
internal sealed partial class CliJson : JsonSerializerContext
{
    public static CliJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    });
}

/// <summary>One thing that is wrong with a workflow in a file.</summary>
internal sealed record FileErrorView(string File, string Rule, string Message, string? Step, string? Path, int? Line, int? Column);
