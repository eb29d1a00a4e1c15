using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Host.Cli;

/// <summary>The JSON that commands print beyond what the admin API has.</summary>
[JsonSerializable(typeof(IReadOnlyList<FileErrorView>))]
[JsonSerializable(typeof(InstalledView))]
[JsonSerializable(typeof(RemovedView))]
[JsonSerializable(typeof(SavedView))]
[JsonSerializable(typeof(UnstartedView))]
internal sealed partial class CliJson : JsonSerializerContext
{
    public static CliJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    });
}

/// <summary>One problem with a workflow file.</summary>
internal sealed record FileErrorView(string File, string Rule, string Message, string? Step, string? Path, int? Line, int? Column);

/// <summary>What `plugins add` did. <c>change</c> is <c>added</c>, <c>replaced</c> or <c>unchanged</c>; <c>isolations</c> says in which isolation the plugin can run.</summary>
internal sealed record InstalledView(
    string Name, string? Package, string Version, string? Source, string Hash, string? Signer, string Path, string Change, IReadOnlyList<string> Dependencies,
    IReadOnlyList<string> Isolations);

/// <summary>What `plugins remove` did. <c>change</c> is <c>removed</c>.</summary>
internal sealed record RemovedView(string Name, string Path, string Change);

/// <summary>What `requests save` did.</summary>
internal sealed record SavedView(string Id, string Path);

/// <summary>What `run --json` prints if no run started: the reply, and why the request was rejected.</summary>
internal sealed record UnstartedView(int Status, IReadOnlyDictionary<string, string> Headers, string Body, string? Reason);
