using System.Collections.Immutable;
using Sluice.Engine.Compiled;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Text;

namespace Sluice.Engine.Publishing;

/// <summary>A version of a workflow that takes requests now.</summary>
/// <param name="Stored">The version as it was published.</param>
/// <param name="Compiled">The same, ready to run.</param>
internal sealed record LiveWorkflow(StoredWorkflow Stored, CompiledWorkflow Compiled)
{
    public string Name => Stored.Name;

    public int Version => Stored.Version;
}

/// <summary>A workflow as people see it in a list.</summary>
/// <param name="Entry">Its latest version.</param>
/// <param name="Problems">What is wrong: with the latest version where it can't run, or with a newer text that was refused.</param>
internal sealed record WorkflowState(WorkflowEntry Entry, ImmutableArray<Problem> Problems)
{
    public StoredWorkflow Stored => Entry.Stored;

    /// <summary>That version, compiled now if it was not yet; null where it can't run now, for example because a plugin is gone.</summary>
    public CompiledWorkflow? Compiled => Entry.Code?.Live?.Compiled;

    /// <summary>That it waits for a plugin; null where it does not.</summary>
    public HeldWorkflow? Held => Entry.Held;

    /// <summary>The plugins that it uses.</summary>
    public ImmutableArray<PluginUse> Uses => Entry.Uses;

    /// <summary>The webhook it listens to.</summary>
    public WebhookRoute? Route => Entry.Route;

    /// <summary>Whether it takes requests and may be started.</summary>
    public bool IsLive => Entry.IsLive;
}

/// <summary>A text that was refused, and why; kept until its source is right again or gone.</summary>
/// <param name="Source">The file, or <c>api</c> for a stored version that no longer passes.</param>
/// <param name="Workflow">The workflow it names, where it could be read so far.</param>
/// <param name="Problems">All that is wrong.</param>
/// <param name="At">When it was refused.</param>
internal sealed record RejectedWorkflow(string Source, string? Workflow, ImmutableArray<Problem> Problems, DateTimeOffset At);

/// <summary>A text to publish.</summary>
/// <param name="Text">YAML or JSON.</param>
/// <param name="Source">Where it came from: a file's path, or <c>api</c>.</param>
internal sealed record Submission(string Text, string Source)
{
    /// <summary>The name the text must have; null for any.</summary>
    public string? ExpectedName { get; init; }

    /// <summary>
    /// Whether the source is a file that is being watched. Such a file owns the name in its text: while it is there, nothing else may publish or
    /// delete a workflow of that name, and when it goes, or names another, the workflow is taken off.
    /// </summary>
    public bool IsWatched { get; init; }

    /// <summary>What was found wrong before the text could be read, such as a file that is not UTF-8; the text is then not looked at.</summary>
    public Problem? Unreadable { get; init; }
}

/// <summary>What came of an attempt to publish a text.</summary>
/// <param name="Stored">The latest version after it, where the text was right; null where it was refused.</param>
/// <param name="IsNew">Whether a version was added; false where the text was the same as before.</param>
/// <param name="Problems">Why it was refused; empty where it was not.</param>
internal sealed record Publication(StoredWorkflow? Stored, bool IsNew, ImmutableArray<Problem> Problems);

/// <summary>What came of enabling, disabling or deleting a workflow.</summary>
/// <param name="Found">Whether there is such a workflow.</param>
/// <param name="Problems">Why it could not be done; empty where it was.</param>
internal sealed record WorkflowChange(bool Found, ImmutableArray<Problem> Problems)
{
    public static readonly WorkflowChange Done = new(true, []);

    public static readonly WorkflowChange NotFound = new(false, []);

    public static WorkflowChange Refused(params ImmutableArray<Problem> problems) => new(true, problems);
}
