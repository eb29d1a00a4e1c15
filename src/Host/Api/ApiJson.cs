using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Host.Api;

/// <summary>The JSON of the admin API: snake_case, nulls included, so that every member of a response is always present.</summary>
[JsonSerializable(typeof(IReadOnlyList<PluginView>))]
[JsonSerializable(typeof(IReadOnlyList<LeakView>))]
[JsonSerializable(typeof(IReadOnlyList<NodeView>))]
[JsonSerializable(typeof(IReadOnlyList<WorkflowView>))]
[JsonSerializable(typeof(WorkflowDetail))]
[JsonSerializable(typeof(PublishedView))]
[JsonSerializable(typeof(ErrorsView))]
[JsonSerializable(typeof(IReadOnlyList<RunSummaryView>))]
[JsonSerializable(typeof(RunView))]
[JsonSerializable(typeof(IReadOnlyList<RequestSummaryView>))]
[JsonSerializable(typeof(RequestView))]
[JsonSerializable(typeof(IReadOnlyList<RejectionView>))]
[JsonSerializable(typeof(MessageView))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>The same options, indented and not escaped beyond ASCII, for people.</summary>
    public static ApiJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        // A run nests the output of a step, as deep as a node may return one, three levels deeper.
        MaxDepth = 128,
    });
}
