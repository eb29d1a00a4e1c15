using System.Collections.ObjectModel;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Blobs;
using Sluice.Engine.Compiled;
using Sluice.Engine.Execution.Walking;
using Sluice.Engine.Expressions;
using Sluice.Engine.Journal;
using Sluice.Engine.Plugins;
using Sluice.Engine.Secrets;
using Sluice.Engine.Text;
using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>Executes one step: its condition, its config, the barrier ahead of its call, the call of its node, and the record of how it ended.</summary>
internal sealed class StepRunner(
    ExecutionOptions options, IRunStore runs, HttpClient http, ISecrets secrets, BlobStore blobs, TimeProvider time, ILoggerFactory loggers)
{
    // A message goes into the journal and to people.
    private const int LongestFailure = 4_000;

    /// <summary>What the steps of runs have given.</summary>
    public StepOutputs Outputs { get; } = new(runs, secrets, time);

    /// <summary>Evaluates a step and calls its node.</summary>
    /// <exception cref="JournalUnavailableException">The barrier could not be passed.</exception>
    /// <exception cref="FencedException">The run belongs to another host by now.</exception>
    /// <exception cref="PluginGoneException">No version of the plugin that the step may run on is here.</exception>
    /// <exception cref="CallGivenUpException">The call was given up, and its end is known already.</exception>
    public ValueTask<StepEnd> RunAsync(Run run, StepCall call)
    {
        var slot = run.Rent();
        return run.Scope.Large is null ? RunAsync(run, call, slot, loaded: null) : LoadAndRunAsync(run, call, slot);
    }

    private async ValueTask<StepEnd> LoadAndRunAsync(Run run, StepCall call, CallSlot slot)
    {
        LoadedOutputs loaded;
        try
        {
            loaded = await Outputs.LoadAsync(run, call, slot.Cancellation.Token);
        }
        catch (OutputUnreadableException unreadable)
        {
            run.Return(slot);
            return Fail(run, call, StartOf(call), new NodeFailure("output_unreadable", unreadable.Message));
        }
        catch (OperationCanceledException) when (run.IsStopping)
        {
            return new StepEnd(StepOutcome.LeftOff(), null);
        }
        catch (OperationCanceledException) when (run.IsCancelRequested)
        {
            return Fail(run, call, StartOf(call), Interrupted(run, StepOf(call)).Failure);
        }

        return await RunAsync(run, call, slot, loaded);
    }

    private async ValueTask<StepEnd> RunAsync(Run run, StepCall call, CallSlot slot, LoadedOutputs? loaded)
    {
        var step = StepOf(call);
        var started = StartOf(call);
        if (Evaluate(run, call, started, slot, loaded, out var isMomentRead) is { } end)
        {
            run.Return(slot);
            return end;
        }

        // Only the barrier stands between the lease and the call that ends it: a call that waits for its plugin is not one that began.
        var context = ContextFor(run, call, step);
        if (step.Node.Enter() is not { } node)
        {
            run.Return(slot);
            throw new PluginGoneException(step.Node.Descriptor.Plugin, step.Node.Descriptor.Type);
        }

        var startsDurably = node.Descriptor.Effect == Effect.External || run.Probation is not null;
        if (startsDurably || isMomentRead)
        {
            // Otherwise it travels with what the step replies: once that has left, another attempt evaluates to the same.
            AppendStart(run, call, node);
        }

        // A large output leaves memory before the next call: a run that makes many has one at a time in memory.
        if (startsDurably || run.Scope.Large is { Undurable.IsEmpty: false })
        {
            await PassBarrierAsync(run, node);
        }

        started = started with { Plugin = node.Descriptor.Plugin };
        return EndOf(run, call, started, await CallAsync(run, slot, new OpenCall(call, started, node, context)), context);
    }

    /// <summary>Ends a call that was given up, as its timeout or its cancellation.</summary>
    public StepEnd GiveUp(Run run, in OpenCall open)
    {
        open.Close();
        open.Node.GiveUp();
        return EndOf(run, open.Call, open.Start, Interrupted(run, StepOf(open.Call)), open.Context);
    }

    private StepStart StartOf(StepCall call) => new(call.StartedAt, time.GetTimestamp(), call.Attempt);

    private static CompiledStep StepOf(StepCall call) => ((NodePlan)call.Plan).Step;

    private static void AppendStart(Run run, StepCall call, NodeHandle node) =>
        run.Log.Append(new JournalEntry.StepStarted(call.Path, call.Attempt, call.StartedAt) { Plugin = node.Descriptor.Plugin.Record, IsApart = node.RunsApart });

    private static async ValueTask PassBarrierAsync(Run run, NodeHandle node)
    {
        var undurable = run.Scope.Large?.Undurable ?? [];
        try
        {
            await run.Log.DurableAsync();
        }
        catch
        {
            node.Leave();
            throw;
        }

        lock (run.Scope)
        {
            run.Scope.Large?.Drop(undurable);
        }
    }

    // Writes the config into the slot. Returns how the step ends if its node is not called.
    private StepEnd? Evaluate(Run run, StepCall call, StepStart started, CallSlot slot, LoadedOutputs? loaded, out bool isMomentRead)
    {
        var step = StepOf(call);
        isMomentRead = false;
        try
        {
            lock (run.Scope)
            {
                run.Scope.Begin(call, loaded);
                if (step.When is { } when && !when.IsTrue(run.Scope))
                {
                    return new StepEnd(StepOutcome.GoOn(), Entry(run, call, started, StepStatus.Skipped));
                }

                step.Config.WriteTo(slot.EmptyConfig(), run.Scope);
                isMomentRead = run.Scope.IsMomentRead;
                return null;
            }
        }
        catch (ExpressionException exception)
        {
            // A limit that the data of the request hits is no failure of the workflow's.
            var isOfRequest = exception.IsLimit && RequestData.IsReadAt(run.Workflow, step, exception.Path);
            return Fail(run, call, started, new NodeFailure(isOfRequest ? FailureKind.Request : FailureKind.Expression, exception.Message));
        }
        finally
        {
            loaded?.Dispose();
        }
    }

    private async ValueTask<NodeResult> CallAsync(Run run, CallSlot slot, OpenCall open)
    {
        var step = StepOf(open.Call);
        var token = StartCall(run, slot, open, step);
        Task<NodeResult>? running = null;
        NodeResult result;
        try
        {
            // A node that blocks keeps this thread, and with it the walk: then the watch ends the call, and this thread finds out when it returns.
            var started = open.Node.RunEnteredAsync(slot.Config, open.Context, token);
            result = started.IsCompletedSuccessfully ? started.Result : await AwaitAsync(run, slot, running = started.AsTask(), token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            result = Interrupted(run, step);
        }
        catch
        {
            End(run, slot, open, running);
            throw;
        }

        End(run, slot, open, running);
        return result;
    }

    private CancellationToken StartCall(Run run, CallSlot slot, in OpenCall open, CompiledStep step)
    {
        try
        {
            return run.StartCall(slot, open, step.Timeout ?? options.StepTimeout);
        }
        catch
        {
            // The run is gone, and the node was not called.
            open.Node.Leave();
            throw;
        }
    }

    private static void End(Run run, CallSlot slot, in OpenCall open, Task<NodeResult>? running)
    {
        open.Close();
        var isLeft = running is { IsCompleted: false };
        if (!run.TryEndCall(slot, isLeft))
        {
            NoteReturn(open.Node, running);
            throw new CallGivenUpException();
        }

        if (isLeft)
        {
            open.Node.GiveUp();
            NoteReturn(open.Node, running);
        }
    }

    // A node that ignores its token is given up after the grace period: the step fails, and the node's lease ends when the node does.
    private async Task<NodeResult> AwaitAsync(Run run, CallSlot slot, Task<NodeResult> call, CancellationToken token)
    {
        // A node that has replied and keeps working must not delay its reply, nor one that replies from now on.
        run.NoteInTheAir(slot);
        run.Log.Hurry();
        try
        {
            return await call.WaitAsync(token);
        }
        catch (OperationCanceledException) when (!call.IsCompleted)
        {
            try
            {
                return await call.WaitAsync(options.CancellationGrace, time, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                throw new OperationCanceledException(token);
            }
        }
    }

    private static void NoteReturn(NodeHandle node, Task<NodeResult>? call)
    {
        if (call is null or { IsCompleted: true })
        {
            node.ComeBack();
            return;
        }

        _ = call.ContinueWith(
            static (_, handle) => ((NodeHandle)handle!).ComeBack(), node, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private NodeResult.Failed Interrupted(Run run, CompiledStep step) => new(run.IsCancelRequested || run.IsStopping
        ? new NodeFailure(FailureKind.Cancelled, "The run was cancelled while this step was running.")
        : new NodeFailure(
            FailureKind.Timeout,
            $"The step took longer than its timeout of {Duration.Write(step.Timeout ?? options.StepTimeout)}. Raise `timeout`, or make the call shorter.",
            Retryable: true));

    private NodeContext ContextFor(Run run, StepCall call, CompiledStep step) => new()
    {
        RunId = run.IdText,
        StepKey = step.Key,
        Attempt = call.Attempt,
        IdempotencyKey = $"{run.IdText}:{call.Path}",
        Logger = new RunLogger(loggers, step.LoggerName, run, call.Path),
        Time = time,
        Http = http,
        Secrets = SecretsFor(step),
        Responder = step.Node.Descriptor.Effect == Effect.Reply ? new NodeResponder(run, call.Path, options.MaxReplyBytes, blobs, time) : SilentResponder.Instance,
        MaxOutputBytes = options.MaxOutputBytes,
        Wake = call.Wake is { } wake ? new Wake(wake.At) { Signal = wake.Signal, Payload = wake.Payload } : null,
    };

    private IReadOnlyDictionary<string, string> SecretsFor(CompiledStep step) => step.Config.Secrets.IsEmpty
        ? ReadOnlyDictionary<string, string>.Empty
        : step.Config.Secrets.Select(name => (name, value: secrets.Find(name))).Where(secret => secret.value is not null)
            .ToDictionary(secret => secret.name, secret => secret.value!);

    private StepEnd EndOf(Run run, StepCall call, StepStart start, NodeResult result, NodeContext context)
    {
        switch (result)
        {
            case NodeResult.Completed completed:
                return Succeed(run, call, start, completed.Output, completed.Port, end: null);

            case NodeResult.Ended ended:
                return Succeed(
                    run, call, start, ended.Output, port: null, new RunEnd(ended.Succeeded, ended.Message is null ? null : run.Mask.ApplyAndCut(ended.Message, LongestFailure)));

            case NodeResult.Suspended suspended:
                DateTimeOffset? due = suspended.Until == DateTimeOffset.MaxValue && suspended.Signal is not null ? null : suspended.Until;
                return new StepEnd(
                    StepOutcome.Suspended(new Wait(call.Path, call.Suspensions + 1) { DueAt = due, Signal = suspended.Signal }),
                    Entry(run, call, start, StepStatus.Suspended) with { WakeAt = due, Signal = suspended.Signal });

            // Whatever name the node gives it: the host took its call away, so it is no result. The call comes again at the next start.
            case NodeResult.Failed when run.IsStopping:
                return new StepEnd(StepOutcome.LeftOff(), null);

            case NodeResult.Failed failed:
                // Only the host says that a run was cancelled: a run that is restored after a crash must end as this one does.
                var failure = failed.Failure is { Kind: FailureKind.Cancelled } && !run.IsCancelRequested
                    ? failed.Failure with { Kind = FailureKind.Defect }
                    : failed.Failure;
                return Fail(run, call, start, IsOfRequest(run, StepOf(call), failure, context) ? failure with { Kind = FailureKind.Request } : failure);

            default:
                throw new InvalidOperationException($"Unknown node result {result.GetType().Name}.");
        }
    }

    // What was written was checked when the workflow was published. What is wrong with a config only now came in by an expression: a line break that was
    // to go into a header. If that came with the request, neither the host nor the workflow is at fault, and the sender gets no 5xx.
    // A reply that is too long for the host is not the caller's fault: what they asked for may well have that length.
    private static bool IsOfRequest(Run run, CompiledStep step, NodeFailure failure, NodeContext context) =>
        failure.Kind == FailureKind.Config
        && context.Responder is not NodeResponder { IsTooLong: true }
        && RequestData.IsAtFaultIn(run.Workflow, step, failure.ConfigPath);

    private StepEnd Succeed(Run run, StepCall call, StepStart start, ReadOnlyMemory<byte> output, string? port, RunEnd? end)
    {
        var stored = run.Mask.Apply(output, out var masked);
        var record = Entry(run, call, start, StepStatus.Succeeded) with
        {
            Output = stored,
            Port = port,
            End = end,
            Masked = !masked.IsEmpty && StepOf(call).Node.Descriptor.Effect == Effect.None,
            Secrets = masked,
        };
        return new StepEnd(NodePlan.OutcomeOf(call.Path, record), record);
    }

    private StepEnd Fail(Run run, StepCall call, StepStart start, NodeFailure failure)
    {
        // The path has served its purpose, and may hold names that a secret is part of; the message names the field.
        var shown = failure with { Message = run.Mask.ApplyAndCut(failure.Message, LongestFailure), ConfigPath = null };
        return new StepEnd(StepOutcome.Failed(call.Path, shown), Entry(run, call, start, StepStatus.Failed) with { Error = shown });
    }

    private JournalEntry.Step Entry(Run run, StepCall call, StepStart start, StepStatus status)
    {
        var node = StepOf(call).Node.Descriptor;
        var duration = time.GetElapsedTime(start.Ticks);
        if (status != StepStatus.Skipped)
        {
            options.Metrics?.StepTime.Record(duration.TotalSeconds);
        }

        var entry = new JournalEntry.Step(call.Path, node.Type, status, start.Attempt, start.At, duration) { Plugin = (start.Plugin ?? node.Plugin).Record };
        RunActivities.Note(run, entry);
        return entry;
    }
}
