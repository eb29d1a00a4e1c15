using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Embedding;

/// <summary>A run as the journal has it.</summary>
/// <param name="Id">The run's ID.</param>
/// <param name="Workflow">The workflow's name.</param>
/// <param name="Version">The version that the run executes.</param>
/// <param name="State">The state of the run.</param>
/// <param name="StartedAt">When the run was accepted.</param>
/// <param name="FinishedAt">When the run ended; null if it has not.</param>
/// <param name="Error">Why the run failed; null if it did not.</param>
/// <param name="Reply">The reply; null if the run has not replied.</param>
/// <param name="Steps">The executions of steps that have ended or were suspended, in order.</param>
/// <param name="Warnings">What an operator should know about the run.</param>
public sealed record RunDetails(
    Guid Id,
    string Workflow,
    int Version,
    RunState State,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    NodeFailure? Error,
    Reply? Reply,
    IReadOnlyList<RunStep> Steps,
    IReadOnlyList<string> Warnings);

/// <summary>One execution of a step.</summary>
/// <param name="Path">The step's path: its key, prefixed by the enclosing loops.</param>
/// <param name="Type">The type of its node.</param>
/// <param name="State">How the execution ended: <c>succeeded</c>, <c>failed</c>, <c>skipped</c> or <c>suspended</c>.</param>
/// <param name="Attempt">The attempt number, from 1.</param>
/// <param name="Port">The port that the node chose; null for none.</param>
/// <param name="Output">The output; null if there is none.</param>
/// <param name="Error">Why the step failed; null if it did not.</param>
/// <param name="Duration">How long the execution took.</param>
public sealed record RunStep(
    string Path, string Type, string State, int Attempt, string? Port, JsonElement? Output, NodeFailure? Error, TimeSpan Duration);

/// <summary>The state of a run.</summary>
public enum RunState
{
    /// <summary>Waits in the journal to become active.</summary>
    Queued,

    /// <summary>Is active.</summary>
    Running,

    /// <summary>Waits for a time, a signal or a plugin.</summary>
    Suspended,

    /// <summary>Ended well.</summary>
    Succeeded,

    /// <summary>Failed.</summary>
    Failed,

    /// <summary>Was cancelled.</summary>
    Cancelled,

    /// <summary>Is excluded because its process crashed three times at the same step.</summary>
    Quarantined,
}
