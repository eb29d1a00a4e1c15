using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Host.Cli;

/// <summary>The JSON that commands print beyond what the admin API has.</summary>
[JsonSerializable(typeof(IReadOnlyList<FileErrorView>))]
[JsonSerializable(typeof(InstalledView))]
[JsonSerializable(typeof(RemovedView))]
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

/// <summary>What `plugins add` did. <c>change</c> is <c>added</c>, <c>replaced</c> or <c>unchanged</c>; <c>isolations</c> says where the plugin can run.</summary>
internal sealed record InstalledView(
    string Name, string? Package, string Version, string? Source, string Hash, string? Signer, string Path, string Change, IReadOnlyList<string> Dependencies,
    IReadOnlyList<string> Isolations);

/// <summary>What `plugins remove` did. <c>change</c> is <c>removed</c>.</summary>
internal sealed record RemovedView(string Name, string Path, string Change);
