using System.Text.Json;

namespace Sluice.Host.Api;

/// <summary>A version of a plugin, or a rejected folder, as <c>GET /api/plugins</c> returns it.</summary>
internal sealed record PluginView(
    string Name, string? Version, string? Hash, string State, string? Reason, IReadOnlyList<string> Nodes, string Folder, bool InFolder, int RunningCalls,
    int WrittenOff, string? Isolation, IReadOnlyList<string> Isolations, int? Pid, int ProcessRestarts);

/// <summary>
/// What keeps an unloaded version of a plugin in memory: paths from a root, each a list of types and the fields that lead on.
/// </summary>
internal sealed record LeakView(string Plugin, string Version, string Hash, IReadOnlyList<IReadOnlyList<string>> Paths);

/// <summary>The exact version of a plugin; without a hash in runs that earlier versions recorded.</summary>
internal sealed record PluginIdentityView(string Name, string Version, string? Hash);

/// <summary>A plugin that a workflow uses for one node type, and the current version if the workflow uses another.</summary>
internal sealed record PluginUseView(string Type, string Plugin, string Version, string Hash, NewerPluginView? Newer);

/// <summary>A version that a workflow does not use yet.</summary>
internal sealed record NewerPluginView(string Version, string WhyNot);

/// <summary>A node, as <c>GET /api/nodes</c> returns it.</summary>
internal sealed record NodeView(
    string Type,
    string Name,
    string Category,
    string Summary,
    string Plugin,
    string Effect,
    string? OnRepeat,
    IReadOnlyList<PortView> Ports,
    JsonElement ConfigSchema,
    JsonElement OutputSchema,
    IReadOnlyList<ExampleView> Examples);

/// <summary>A port of a node.</summary>
internal sealed record PortView(string Name, string Description);

/// <summary>An example of a node.</summary>
internal sealed record ExampleView(string Summary, JsonElement Config, JsonElement? Output, string? Port);

/// <summary>
/// A workflow in the list: <c>live</c>, <c>disabled</c>, <c>held</c> with the reason, or <c>refused</c>. <c>errors</c> may belong to a
/// newer, rejected source; the version shown stays live.
/// </summary>
internal sealed record WorkflowView(
    string Name,
    int? Version,
    bool Enabled,
    string? Path,
    IReadOnlyList<string> Methods,
    string Source,
    DateTimeOffset? PublishedAt,
    IReadOnlyList<ErrorView> Errors,
    string State,
    string? Reason);

/// <summary>One workflow with its source and the plugins it uses.</summary>
internal sealed record WorkflowDetail(
    string Name,
    int Version,
    bool Enabled,
    string? Path,
    IReadOnlyList<string> Methods,
    string Source,
    DateTimeOffset PublishedAt,
    IReadOnlyList<ErrorView> Errors,
    string Text,
    string State,
    string? Reason,
    IReadOnlyList<PluginUseView> Plugins);

/// <summary>The version that a PUT published.</summary>
internal sealed record PublishedView(string Name, int Version, bool Changed);

/// <summary>All problems of a workflow.</summary>
internal sealed record ErrorsView(IReadOnlyList<ErrorView> Errors);

/// <summary>One problem of a workflow.</summary>
internal sealed record ErrorView(string Rule, string Message, string? Step, string? Path, int? Line, int? Column);

/// <summary>A run in a list.</summary>
internal sealed record RunSummaryView(
    string Id, string Workflow, int Version, string Status, string Trigger, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt);

/// <summary>One run in full.</summary>
internal sealed record RunView(
    string Id,
    string Workflow,
    int Version,
    string Status,
    JsonElement Trigger,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    FailureView? Error,
    string? Message,
    ReplyView? Reply,
    IReadOnlyList<StepView> Steps,
    IReadOnlyList<string> Warnings);

/// <summary>The reply of a run.</summary>
internal sealed record ReplyView(int Status, IReadOnlyDictionary<string, string> Headers, string? Body, DateTimeOffset? SentAt);

/// <summary>
/// One attempt of a step. An output beyond 256 KiB is omitted: <c>output_bytes</c> is its length, and <c>/api/runs/{id}/outputs/{path}</c>
/// returns it.
/// </summary>
internal sealed record StepView(
    string Key,
    string Type,
    string Status,
    int Attempt,
    string? Port,
    JsonElement? Output,
    long? OutputBytes,
    FailureView? Error,
    DateTimeOffset StartedAt,
    double DurationMs,
    PluginIdentityView? Plugin,
    DateTimeOffset? WakeAt,
    string? Signal = null);

/// <summary>Why a step or a run failed.</summary>
internal sealed record FailureView(string Kind, string Message, bool Retryable);

/// <summary>A recorded request in a list; <c>id</c> is the id of the run that it started.</summary>
internal sealed record RequestSummaryView(
    string Id, string Workflow, string Method, string Target, long BodyBytes, string RunStatus, DateTimeOffset ReceivedAt);

/// <summary>One recorded request, credentials masked. A binary body is in <c>body_base64</c>.</summary>
internal sealed record RequestView(
    string Id,
    string Workflow,
    string Method,
    string Target,
    IReadOnlyDictionary<string, string> Headers,
    string? Body,
    string? BodyBase64,
    DateTimeOffset ReceivedAt);

/// <summary>
/// Rejected requests of one kind: first and last time, count and reason. Without <c>path</c> and <c>remote_ip</c> if they were counted
/// together.
/// </summary>
internal sealed record RejectionView(
    long Id, DateTimeOffset At, DateTimeOffset FirstAt, long Count, string Workflow, string? Path, string? RemoteIp, string Reason, string Detail);

/// <summary>A confirmation.</summary>
internal sealed record MessageView(string Message);
