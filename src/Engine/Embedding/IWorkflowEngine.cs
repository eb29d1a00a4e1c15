using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Embedding;

/// <summary>The engine of this process: publishes workflows, starts runs and reads them. Safe for concurrent use.</summary>
/// <remarks>Every member throws an <see cref="InvalidOperationException"/> until the host has started.</remarks>
public interface IWorkflowEngine
{
    /// <summary>Publishes a workflow. If its text is the published one already, nothing changes.</summary>
    /// <param name="text">The workflow, YAML or JSON.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The version that is live now.</returns>
    /// <exception cref="WorkflowRejectedException">The workflow is invalid. The last valid version stays live.</exception>
    Task<PublishedWorkflow> PublishAsync(string text, CancellationToken cancellationToken = default);

    /// <summary>
    /// Starts a run of the live version of a workflow, as a JSON request to its webhook would. Authentication, rate limits and the other checks of the
    /// webhook's request do not apply.
    /// </summary>
    /// <param name="workflow">The workflow's name.</param>
    /// <param name="input">The input, which expressions read as <c>trigger.output.body</c>; undefined for a request without a body.</param>
    /// <exception cref="RunRejectedException">The engine can't start the run now, or there is no such workflow.</exception>
    StartedRun Start(string workflow, JsonElement input);

    /// <summary>Reads a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The run; null if there is none.</returns>
    Task<RunDetails?> FindAsync(Guid run, CancellationToken cancellationToken = default);

    /// <summary>Waits until a run has ended: succeeded, failed, or been cancelled.</summary>
    /// <param name="run">The run.</param>
    /// <param name="cancellationToken">Cancels the wait, not the run.</param>
    /// <returns>The run; null if there is none.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled, or the engine stopped first. Then the run continues at the next start.</exception>
    Task<RunDetails?> WaitForEndAsync(Guid run, CancellationToken cancellationToken = default);

    /// <summary>Cancels a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Whether the run ends as cancelled; false if it has ended already, or does not exist.</returns>
    Task<bool> CancelAsync(Guid run, CancellationToken cancellationToken = default);

    /// <summary>Sends a signal to a run: it wakes the step that waits for it, now or when a step comes to such a wait.</summary>
    /// <param name="run">The run.</param>
    /// <param name="name">The name of the signal: 1 to 200 characters. A run takes one signal of each name.</param>
    /// <param name="payload">What the node receives with it, at most 1 MiB of JSON; undefined, the default, for nothing.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Whether the signal is stored; false if one of this name came before, or the run has ended or does not exist.</returns>
    Task<bool> SignalAsync(Guid run, string name, JsonElement payload = default, CancellationToken cancellationToken = default);
}

/// <summary>A published version of a workflow.</summary>
/// <param name="Name">The workflow's name.</param>
/// <param name="Version">The number of the version, from 1.</param>
public sealed record PublishedWorkflow(string Name, int Version);

/// <summary>A run that was started.</summary>
/// <param name="Id">The run's ID.</param>
/// <param name="Reply">
/// Completes once the run is durable and its reply, if any, is known: with the reply, or with null if the run ended without one. If no step of the
/// workflow replies, it completes with null as soon as the run is durable. It faults with a <see cref="RunRejectedException"/> if the run could not be
/// stored, and with an <see cref="OperationCanceledException"/> if the engine stops first; the run then continues at the next start.
/// </param>
public sealed record StartedRun(Guid Id, Task<Reply?> Reply);
