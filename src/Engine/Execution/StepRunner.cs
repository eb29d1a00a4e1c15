using System.Collections.ObjectModel;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Blobs;
using Sluice.Engine.Compiled;
using Sluice.Engine.Expressions;
using Sluice.Engine.Journal;
using Sluice.Engine.Plugins;
using Sluice.Engine.Secrets;
using Sluice.Engine.Text;
using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>Runs one step: its condition, its config, the barrier ahead of it, the call of its node, and the record of what came out.</summary>
internal sealed class StepRunner(ExecutionOptions options, HttpClient http, ISecrets secrets, BlobStore blobs, TimeProvider time, ILoggerFactory loggers)
{
    // A message goes into the journal and to people.
    private const int LongestFailure = 4_000;

    /// <exception cref="JournalUnavailableException">The barrier could not be passed.</exception>
    /// <exception cref="FencedException">The run belongs to another host by now.</exception>
    /// <exception cref="PluginGoneException">No version of the plugin that the step may run on is here.</exception>
    public async ValueTask<StepOutcome> RunAsync(Run run, CompiledStep step)
    {
        if (run.History.Finished(step.Key) is { } done && !MustRunAgain(step, done))
        {
            return Restore(run, step, done);
        }

        if (run.History.WakeAt(step.Key) is { } wakeAt && wakeAt > time.GetUtcNow())
        {
            return StepOutcome.Suspended(new Wait(step.Key, 1) { DueAt = wakeAt });
        }

        var started = new StepStart(time.GetUtcNow(), time.GetTimestamp(), run.History.Attempts(step.Key) + 1);
        run.Scope.Begin(step.Key, run.History.FirstStart(step.Key) ?? started.At);
        ReadOnlyMemory<byte> config;
        try
        {
            if (step.When is { } when && !when.IsTrue(run.Scope))
            {
                return Skip(run, step, started);
            }

            config = Evaluate(run, step);
        }
        catch (ExpressionException exception)
        {
            // A limit that the data of the request hits is no failure of the workflow's.
            var isOfRequest = exception.IsLimit && RequestData.IsReadAt(run.Workflow, step, exception.Path);
            return Fail(run, step, started, new NodeFailure(isOfRequest ? FailureKind.Request : FailureKind.Expression, exception.Message));
        }

        // Only the barrier stands between the lease and the call that ends it: a call that waits for its plugin is not one that began.
        var context = ContextFor(run, step, started);
        var node = step.Node.Enter() ?? throw new PluginGoneException(step.Node.Descriptor.Plugin, step.Node.Descriptor.Type);
        if (node.Descriptor.Effect == Effect.External || run.Probation is not null)
        {
            await BeginAsync(run, step, started, node);
        }
        else if (run.Scope.IsMomentRead)
        {
            // It travels with what the step replies: once that has left, another attempt evaluates to the same.
            AppendStart(run, step, started, node);
        }

        started = started with { Plugin = node.Descriptor.Plugin };
        var outcome = Record(run, step, started, await CallAsync(run, new OpenCall(step, started, node, context), config), context);
        if (run.Probation is { IsOver: false } probation)
        {
            // It has not ended its host: once that is durable, it is as innocent as any other.
            await run.Log.DurableAsync();
            probation.End();
        }

        return outcome;
    }

    /// <summary>Ends the step of a call that was given up, as its timeout or its cancellation.</summary>
    public StepOutcome GiveUp(Run run, in OpenCall call)
    {
        call.Close();
        call.Node.GiveUp();
        run.ForsakeConfigBuffer();
        return Record(run, call.Step, call.Start, Interrupted(run, call.Step), call.Context);
    }

    private static void AppendStart(Run run, CompiledStep step, StepStart started, NodeHandle node) =>
        run.Log.Append(new JournalEntry.StepStarted(step.Key, started.Attempt, started.At) { Plugin = node.Descriptor.Plugin.Record, IsApart = node.RunsApart });

    private static async ValueTask BeginAsync(Run run, CompiledStep step, StepStart started, NodeHandle node)
    {
        AppendStart(run, step, started, node);
        try
        {
            await run.Log.DurableAsync();
        }
        catch
        {
            node.Leave();
            throw;
        }
    }

    // Earlier builds stored the output of a pure step masked, without saying what was masked.
    private static bool MustRunAgain(CompiledStep step, JournalEntry.Step done) => done is { Masked: true, Secrets.IsEmpty: true } && step.Node.Descriptor.Effect == Effect.None;

    private StepOutcome Restore(Run run, CompiledStep step, JournalEntry.Step done)
    {
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        var output = done.Secrets.IsEmpty ? done.Output : MaskedJson.Restore(done.Output, done.Secrets, secrets.Find, missing);
        foreach (var secret in missing)
        {
            run.Log.Append(new JournalEntry.Warning($"The output of step {step.Key} held the secret {secret}, which this host does not have; *** stands in its place.", time.GetUtcNow()));
        }

        run.Scope.Add(step.Key, new StepValue(done.Status == StepStatus.Skipped ? "skipped" : "succeeded", done.Port, output));
        return done.End is { } end ? Ending(step, end) : StepOutcome.GoOn(done.Port);
    }

    private static ReadOnlyMemory<byte> Evaluate(Run run, CompiledStep step)
    {
        var (writer, buffer) = run.ConfigWriter();
        step.Config.WriteTo(writer, run.Scope);
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private async ValueTask<NodeResult> CallAsync(Run run, OpenCall call, ReadOnlyMemory<byte> config)
    {
        var token = run.StartCall(call, call.Step.Timeout ?? options.StepTimeout);
        Task<NodeResult>? running = null;
        NodeResult result;
        try
        {
            // A node that blocks keeps this thread, and with it the walk: then the watch ends the run, and the call finds out when it returns.
            var started = call.Node.RunEnteredAsync(config, call.Context, token);
            result = started.IsCompletedSuccessfully ? started.Result : await AwaitAsync(run, running = started.AsTask(), token);
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            result = Interrupted(run, call.Step);
        }
        catch
        {
            End(run, call, running);
            throw;
        }

        End(run, call, running);
        return result;
    }

    private static void End(Run run, in OpenCall call, Task<NodeResult>? running)
    {
        call.Close();
        if (!run.TryEndCall())
        {
            NoteReturn(call.Node, running);
            throw new CallGivenUpException();
        }

        if (running is { IsCompleted: false })
        {
            run.ForsakeConfigBuffer();
            call.Node.GiveUp();
            NoteReturn(call.Node, running);
        }
    }

    // A node that ignores its token is given up after the grace period: the step fails, and the node's lease ends when the node does.
    private async Task<NodeResult> AwaitAsync(Run run, Task<NodeResult> call, CancellationToken token)
    {
        // A node that has replied and goes on working is not to keep its reply from the caller, nor one that replies from now on.
        run.IsInTheAir = true;
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

    private NodeContext ContextFor(Run run, CompiledStep step, StepStart start)
    {
        return new NodeContext
        {
            RunId = run.IdText,
            StepKey = step.Key,
            Attempt = start.Attempt,
            IdempotencyKey = $"{run.IdText}:{step.Key}",
            Logger = new RunLogger(loggers, step.LoggerName, run, step.Key),
            Time = time,
            Http = http,
            Secrets = SecretsFor(step),
            Responder = step.Node.Descriptor.Effect == Effect.Reply ? new NodeResponder(run, step.Key, options.MaxReplyBytes, blobs, time) : SilentResponder.Instance,
            MaxOutputBytes = options.MaxOutputBytes,
            Wake = run.History.WakeAt(step.Key) is { } at ? new Wake(at) : null,
        };
    }

    private IReadOnlyDictionary<string, string> SecretsFor(CompiledStep step) => step.Config.Secrets.IsEmpty
        ? ReadOnlyDictionary<string, string>.Empty
        : step.Config.Secrets.Select(name => (name, value: secrets.Find(name))).Where(secret => secret.value is not null)
            .ToDictionary(secret => secret.name, secret => secret.value!);

    private StepOutcome Record(Run run, CompiledStep step, StepStart start, NodeResult result, NodeContext context)
    {
        switch (result)
        {
            case NodeResult.Completed completed:
                Succeed(run, step, start, completed.Output, completed.Port, end: null);
                return StepOutcome.GoOn(completed.Port);

            case NodeResult.Ended ended:
                var end = new RunEnd(ended.Succeeded, ended.Message is null ? null : run.Mask.ApplyAndCut(ended.Message, LongestFailure));
                Succeed(run, step, start, ended.Output, port: null, end);
                return Ending(step, end);

            case NodeResult.Suspended suspended:
                run.Log.Append(Entry(step, start, StepStatus.Suspended) with { WakeAt = suspended.Until });
                return StepOutcome.Suspended(new Wait(step.Key, 1) { DueAt = suspended.Until });

            // Whatever name the node gives it: the host took its call away, so it is no result. The call comes again at the next start.
            case NodeResult.Failed when run.IsStopping:
                return StepOutcome.LeftOff();

            case NodeResult.Failed failed:
                return Fail(run, step, start, IsOfRequest(run, step, failed.Failure, context) ? failed.Failure with { Kind = FailureKind.Request } : failed.Failure);

            default:
                throw new InvalidOperationException($"Unknown node result {result.GetType().Name}.");
        }
    }

    // What was written was checked when the workflow was published. What is wrong with a config only now came in by an expression: a line break that was
    // to go into a header. Where that came with the request, it is no failure of the host's or the workflow's, and whoever sends such things gets no 5xx.
    // A reply that is too long for the host is not the caller's fault: what they asked for may well have that length.
    private static bool IsOfRequest(Run run, CompiledStep step, NodeFailure failure, NodeContext context) =>
        failure.Kind == FailureKind.Config
        && context.Responder is not NodeResponder { RefusedForLength: true }
        && RequestData.IsAtFaultIn(run.Workflow, step, failure.ConfigPath);

    // An output that holds a secret is stored masked, and restored when the run goes on after a crash. The steps after it read what is restored in either
    // case, so they read the same.
    private void Succeed(Run run, CompiledStep step, StepStart start, ReadOnlyMemory<byte> output, string? port, RunEnd? end)
    {
        var stored = run.Mask.Apply(output, out var masked);
        run.Log.Append(Entry(step, start, StepStatus.Succeeded) with
        {
            Output = stored,
            Port = port,
            End = end,
            Masked = !masked.IsEmpty && step.Node.Descriptor.Effect == Effect.None,
            Secrets = masked,
        });
        run.Scope.Add(step.Key, new StepValue("succeeded", port, masked.IsEmpty ? output : MaskedJson.Restore(stored, masked, secrets.Find, [])));
        if (step.Node.Descriptor.Effect == Effect.External)
        {
            // Nobody waits for it, but the sooner it is durable, the less is done twice after a crash.
            run.Log.Commit();
        }
    }

    private StepOutcome Skip(Run run, CompiledStep step, StepStart start)
    {
        run.Log.Append(Entry(step, start, StepStatus.Skipped));
        run.Scope.Add(step.Key, new StepValue("skipped", null, default));
        return StepOutcome.GoOn();
    }

    private StepOutcome Fail(Run run, CompiledStep step, StepStart start, NodeFailure failure)
    {
        // The path has served its purpose, and may hold names that a secret is part of; the message names the field.
        var shown = failure with { Message = run.Mask.ApplyAndCut(failure.Message, LongestFailure), ConfigPath = null };
        run.Log.Append(Entry(step, start, StepStatus.Failed) with { Error = shown });
        return run.IsCancelRequested ? StepOutcome.Cancelled() : StepOutcome.Failed(step.Key, shown);
    }

    private static StepOutcome Ending(CompiledStep step, RunEnd end) => end.Succeeded
        ? StepOutcome.Succeeded(end.Message)
        : StepOutcome.Failed(step.Key, new NodeFailure("stopped", end.Message ?? "The workflow stopped the run."));

    private JournalEntry.Step Entry(CompiledStep step, StepStart start, StepStatus status) =>
        new(step.Key, step.Node.Descriptor.Type, status, start.Attempt, start.At, time.GetElapsedTime(start.Ticks))
        {
            Plugin = (start.Plugin ?? step.Node.Descriptor.Plugin).Record,
        };
}
