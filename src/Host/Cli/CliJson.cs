using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Host.Cli;

/// <summary>The JSON of commands, in addition to that of the admin API.</summary>
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

/// <summary>
/// The result of `plugins add`. <c>change</c> is <c>added</c>, <c>replaced</c> or <c>unchanged</c>; <c>isolations</c> lists the isolations
/// that the plugin can run in.
/// </summary>
internal sealed record InstalledView(
    string Name, string? Package, string Version, string? Source, string Hash, string? Signer, string Path, string Change, IReadOnlyList<string> Dependencies,
    IReadOnlyList<string> Isolations);

/// <summary>The result of `plugins remove`. <c>change</c> is <c>removed</c>.</summary>
internal sealed record RemovedView(string Name, string Path, string Change);

/// <summary>The result of `requests save`.</summary>
internal sealed record SavedView(string Id, string Path);

/// <summary>The output of `run --json` if no run started: the reply, and why the request was rejected.</summary>
internal sealed record UnstartedView(int Status, IReadOnlyDictionary<string, string> Headers, string Body, string? Reason);
