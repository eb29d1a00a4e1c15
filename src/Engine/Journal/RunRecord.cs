namespace Sluice.Engine.Journal;

/// <summary>Where a run stands.</summary>
internal enum RunStatus
{
    Queued,
    Running,
    Suspended,
    Succeeded,
    Failed,
    Cancelled,

    /// <summary>Its hosts crashed each time it was active. It continues only after it is released.</summary>
    Quarantined,
}

/// <summary>What never changes about a run.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Workflow">The workflow's name.</param>
/// <param name="Version">The version it executes; never another.</param>
/// <param name="Trigger">The trigger's type: <c>webhook</c>.</param>
/// <param name="StartedAt">When it was accepted.</param>
/// <param name="Envelope">What the trigger gives as output, less the body: one JSON object, UTF-8.</param>
/// <param name="Body">The body's bytes as they came.</param>
internal sealed record RunHeader(
    RunId Id,
    string Workflow,
    int Version,
    string Trigger,
    DateTimeOffset StartedAt,
    ReadOnlyMemory<byte> Envelope,
    ReadOnlyMemory<byte> Body);

/// <summary>A run in a list.</summary>
internal sealed record RunSummary(
    RunId Id, string Workflow, int Version, string Trigger, RunStatus Status, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt);

/// <summary>The request that a run started from, in a list.</summary>
/// <param name="Run">The run.</param>
/// <param name="Envelope">What the trigger gives as output, less the body: one JSON object, UTF-8.</param>
/// <param name="BodyBytes">How many bytes the body has.</param>
internal sealed record RequestSummary(RunSummary Run, ReadOnlyMemory<byte> Envelope, long BodyBytes);

/// <summary>All that the journal knows of a run.</summary>
/// <param name="Header">What never changes about it.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="FinishedAt">When it ended; null if it has not.</param>
/// <param name="WakeAt">The first time at which a suspended run is due; null if it is not suspended, or waits for no time.</param>
/// <param name="Fence">The fencing number of its owner.</param>
/// <param name="Entries">Its entries in the order they were appended: JSON objects, one a line.</param>
internal sealed record RunRecord(
    RunHeader Header, RunStatus Status, DateTimeOffset? FinishedAt, DateTimeOffset? WakeAt, long Fence, ReadOnlyMemory<byte> Entries)
{
    /// <summary>The host that it belongs to, by its epoch; null unless it is running.</summary>
    public long? Owner { get; init; }

    /// <summary>Grows with what is appended, so a take-over notices that the record is out of date. Only the store knows what it means.</summary>
    public long Revision { get; init; }

    /// <summary>What a suspended run waits for.</summary>
    public IReadOnlyList<Wait> Waits { get; init; } = [];

    /// <summary>The signals that it received and has not consumed.</summary>
    public IReadOnlyList<Signal> Signals { get; init; } = [];

    public RunSummary Summary => new(Header.Id, Header.Workflow, Header.Version, Header.Trigger, Status, Header.StartedAt, FinishedAt);
}

/// <summary>How far a run has come: the part of its record that changes.</summary>
internal sealed record RunProgress(RunStatus Status, ReadOnlyMemory<byte> Entries);

/// <summary>Which runs to list: newest first, those before <paramref name="Before"/>.</summary>
internal sealed record RunFilter(string? Workflow = null, RunStatus? Status = null, RunId? Before = null, int Limit = 50);
