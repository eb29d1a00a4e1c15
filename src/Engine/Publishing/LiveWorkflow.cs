using System.Collections.Immutable;
using Sluice.Engine.Compiled;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Text;

namespace Sluice.Engine.Publishing;

/// <summary>A version of a workflow that accepts requests.</summary>
/// <param name="Stored">The published version.</param>
/// <param name="Compiled">The compiled version.</param>
internal sealed record LiveWorkflow(StoredWorkflow Stored, CompiledWorkflow Compiled)
{
    public string Name => Stored.Name;

    public int Version => Stored.Version;
}

/// <summary>A workflow as shown in lists.</summary>
/// <param name="Entry">Its latest version.</param>
/// <param name="Problems">The problems of the latest version if it can't run, or of a newer version that was rejected.</param>
internal sealed record WorkflowState(WorkflowEntry Entry, ImmutableArray<Problem> Problems)
{
    public StoredWorkflow Stored => Entry.Stored;

    /// <summary>The compiled version, compiled now if necessary; null if it can't run, for example because a plugin is missing.</summary>
    public CompiledWorkflow? Compiled => Entry.Code?.Live?.Compiled;

    /// <summary>The hold, if it waits for a plugin; otherwise null.</summary>
    public HeldWorkflow? Held => Entry.Held;

    /// <summary>The plugins that it uses.</summary>
    public ImmutableArray<PluginUse> Uses => Entry.Uses;

    /// <summary>The webhook it listens to.</summary>
    public WebhookRoute? Route => Entry.Route;

    /// <summary>Whether it accepts requests and can be started.</summary>
    public bool IsLive => Entry.IsLive;
}

/// <summary>A submission that was rejected, and why; kept until its source is corrected or deleted.</summary>
/// <param name="Source">The file, or <c>api</c> for a stored version that no longer passes.</param>
/// <param name="Workflow">The workflow's name, if it could be parsed.</param>
/// <param name="Problems">All problems.</param>
/// <param name="At">When it was rejected.</param>
internal sealed record RejectedWorkflow(string Source, string? Workflow, ImmutableArray<Problem> Problems, DateTimeOffset At);

/// <summary>A workflow to publish.</summary>
/// <param name="Text">YAML or JSON.</param>
/// <param name="Source">Its origin: a file's path, or <c>api</c>.</param>
internal sealed record Submission(string Text, string Source)
{
    /// <summary>The name that the workflow must have; null for any.</summary>
    public string? ExpectedName { get; init; }

    /// <summary>
    /// Whether the source is a watched file. A watched file owns the name of its workflow: while the file exists, nothing else may publish
    /// or delete a workflow with that name. If it is deleted or names another workflow, the workflow is removed.
    /// </summary>
    public bool IsWatched { get; init; }

    /// <summary>Why the source can't be parsed, such as a file that is not UTF-8; the text is then ignored.</summary>
    public Problem? Unreadable { get; init; }
}

/// <summary>The result of publishing a workflow.</summary>
/// <param name="Stored">The latest version, if the workflow is valid; null if it was rejected.</param>
/// <param name="IsNew">Whether a version was added; false if the text has not changed.</param>
/// <param name="Problems">Why it was rejected; empty if it was not.</param>
internal sealed record Publication(StoredWorkflow? Stored, bool IsNew, ImmutableArray<Problem> Problems);

/// <summary>The result of enabling, disabling or deleting a workflow.</summary>
/// <param name="Found">Whether the workflow exists.</param>
/// <param name="Problems">Why the change was rejected; empty if it was made.</param>
internal sealed record WorkflowChange(bool Found, ImmutableArray<Problem> Problems)
{
    public static readonly WorkflowChange Done = new(true, []);

    public static readonly WorkflowChange NotFound = new(false, []);

    public static WorkflowChange Refused(params ImmutableArray<Problem> problems) => new(true, problems);
}
