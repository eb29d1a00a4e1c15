using System.Text.Json;

namespace Sluice.Host.Api;

/// <summary>A version of a plugin, or a folder that was rejected, as <c>GET /api/plugins</c> shows it.</summary>
internal sealed record PluginView(
    string Name, string? Version, string? Hash, string State, string? Reason, IReadOnlyList<string> Nodes, string Folder, bool InFolder, int RunningCalls,
    int WrittenOff, string? Isolation, IReadOnlyList<string> Isolations, int? Pid, int ProcessRestarts);

/// <summary>What holds an unloaded version of a plugin in memory: ways from a root to it, each a list of types with the field that leads on.</summary>
internal sealed record LeakView(string Plugin, string Version, string Hash, IReadOnlyList<IReadOnlyList<string>> Paths);

/// <summary>Which plugin, exactly; no hash in runs recorded before it was kept.</summary>
internal sealed record PluginIdentityView(string Name, string Version, string? Hash);

/// <summary>A plugin that a workflow uses for one node type, and the current version where the workflow is on another.</summary>
internal sealed record PluginUseView(string Type, string Plugin, string Version, string Hash, NewerPluginView? Newer);

/// <summary>A version that a workflow has not moved to.</summary>
internal sealed record NewerPluginView(string Version, string WhyNot);

/// <summary>A node, as <c>GET /api/nodes</c> shows it.</summary>
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

/// <summary>A way out of a node.</summary>
internal sealed record PortView(string Name, string Description);

/// <summary>A worked example of a node.</summary>
internal sealed record ExampleView(string Summary, JsonElement Config, JsonElement? Output, string? Port);

/// <summary>
/// A workflow in the list: <c>live</c>, <c>disabled</c>, <c>held</c> with the reason, or <c>refused</c>. <c>errors</c> may be those of a newer text
/// that was refused; the version shown is live all the same.
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

/// <summary>One workflow with its text and the plugins it runs on.</summary>
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

/// <summary>What a PUT published.</summary>
internal sealed record PublishedView(string Name, int Version, bool Changed);

/// <summary>All that is wrong with a workflow.</summary>
internal sealed record ErrorsView(IReadOnlyList<ErrorView> Errors);

/// <summary>One thing that is wrong with a workflow.</summary>
internal sealed record ErrorView(string Rule, string Message, string? Step, string? Path, int? Line, int? Column);

/// <summary>A run in a list.</summary>
internal sealed record RunSummaryView(
    string Id, string Workflow, int Version, string Status, string Trigger, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt);

/// <summary>One run, whole.</summary>
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

/// <summary>One call of a step. An output beyond 256 KiB is not shown: <c>output_bytes</c> says how long it is, and <c>/api/runs/{id}/outputs/{path}</c> gives it.</summary>
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

/// <summary>A recorded request in a list; <c>id</c> is that of the run that it started.</summary>
internal sealed record RequestSummaryView(
    string Id, string Workflow, string Method, string Target, long BodyBytes, string RunStatus, DateTimeOffset ReceivedAt);

/// <summary>One recorded request, credentials masked. A body that is no text stands in <c>body_base64</c>.</summary>
internal sealed record RequestView(
    string Id,
    string Workflow,
    string Method,
    string Target,
    IReadOnlyDictionary<string, string> Headers,
    string? Body,
    string? BodyBase64,
    DateTimeOffset ReceivedAt);

/// <summary>Requests that were refused alike: the last and the first time, how many, and why. No <c>path</c> and <c>remote_ip</c> where they are not told apart.</summary>
internal sealed record RejectionView(
    long Id, DateTimeOffset At, DateTimeOffset FirstAt, long Count, string Workflow, string? Path, string? RemoteIp, string Reason, string Detail);

/// <summary>A plain answer.</summary>
internal sealed record MessageView(string Message);
