using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Engine.Compiled;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Json;
using Sluice.Engine.Publishing;
using Sluice.Engine.Replies;
using Sluice.Engine.Storage;
using Sluice.Engine.Triggers;
using Sluice.Sdk;

namespace Sluice.Engine.Embedding;

/// <summary>The public API over the parts of the engine. It can be injected before the engine has started.</summary>
internal sealed class WorkflowEngine(IServiceProvider services, EngineLifetime lifetime) : IWorkflowEngine
{
    // Tells these runs from those that a request started.
    private const string Trigger = "manual";

    private IStorage Storage => Get<IStorage>();

    private Runner Runner => Get<Runner>();

    public async Task<PublishedWorkflow> PublishAsync(string text, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        var published = await Get<WorkflowRegistry>().PublishAsync(new Submission(text, WorkflowRegistry.Api), cancellationToken);
        return published.Stored is { } stored
            ? new PublishedWorkflow(stored.Name, stored.Version)
            : throw new WorkflowRejectedException(
                [.. published.Problems.Select(problem => new WorkflowProblem(problem.Rule, problem.Message, problem.At?.Line, problem.At?.Column))]);
    }

    public StartedRun Start(string workflow, JsonElement input)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        var (live, runner) = (Find(workflow), Runner);
        if (WhyNot(live.Compiled) is { } reason)
        {
            throw new RunRejectedException(reason);
        }

        var data = DataOf(live.Compiled, input);
        var most = live.Compiled.Webhook?.MaxConcurrent;
        if (most is { } bound && !runner.Loads.Of(workflow).TryEnter(bound))
        {
            data.Dispose();
            throw new RunRejectedException($"The workflow '{workflow}' has {bound} active runs, as many as its max_concurrent allows. Try again later.");
        }

        var responder = runner.Start(live.Compiled, live.Version, Trigger, data, new RunStart { IsCounted = most is not null });
        return new StartedRun(responder.Run.Value, ReplyAsync(responder, Get<ResponderRegistry>()));
    }

    public async Task<RunDetails?> FindAsync(Guid run, CancellationToken cancellationToken)
    {
        var id = new RunId(run);
        await Runner.FlushAsync(id);
        return await Storage.Runs.FindAsync(id, cancellationToken) is { } record ? await DetailsReader.ReadAsync(record, Storage.Runs, cancellationToken) : null;
    }

    public async Task<RunDetails?> WaitForEndAsync(Guid run, CancellationToken cancellationToken)
    {
        try
        {
            // A run that is interrupted, or waits, goes no further once the engine has stopped.
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.Stopped);
            using var watcher = Runner.Watch.Watch(new RunId(run));
            while (true)
            {
                // Before the look: what happens after it is then not missed.
                var next = watcher.NextAsync();
                var details = await FindAsync(run, cancellationToken);
                if (details is not { FinishedAt: null })
                {
                    return details;
                }

                await next.WaitAsync(either.Token);
            }
        }
        catch (ObjectDisposedException disposed) when (lifetime.Stopped.IsCancellationRequested)
        {
            // The container closed the journal during the look.
            throw new OperationCanceledException($"The engine stopped before run {run} ended. The run continues at the next start.", disposed);
        }
    }

    public async Task<bool> CancelAsync(Guid run, CancellationToken cancellationToken) =>
        await Get<RunRecovery>().CancelAsync(new RunId(run), cancellationToken) is null;

    public async Task<bool> SignalAsync(Guid run, string name, JsonElement payload, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, Signal.LongestName, nameof(name));
        var bytes = BytesOf(payload, nameof(payload));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, Signal.MostPayloadBytes, nameof(payload));
        return await Get<RunRecovery>().SignalAsync(new RunId(run), name, bytes, cancellationToken) is SignalResult.Awaited or SignalResult.Stored;
    }

    private T Get<T>()
        where T : notnull
        => lifetime.IsOpen ? services.GetRequiredService<T>() : throw EngineFoundation.NotStarted();

    private LiveWorkflow Find(string workflow)
    {
        var workflows = Get<WorkflowRegistry>();
        return workflows.Find(workflow) ?? throw new RunRejectedException(workflows.State(workflow) switch
        {
            null => $"There is no workflow '{workflow}'. Publish it first.",
            { Stored.Enabled: false } => $"The workflow '{workflow}' is disabled.",
            var state => $"The workflow '{workflow}' can't run now: {WorkflowRegistry.WhyNot(state.Entry)}",
        });
    }

    private string? WhyNot(CompiledWorkflow workflow)
    {
        if (Runner.IsStopping)
        {
            return "The engine is stopping.";
        }

        if (!Storage.Queue.IsWritable)
        {
            return "The journal can't be written. The log has the reason.";
        }

        return Runner.Capacity.HasRoom || (!workflow.Replies && !Runner.Backlog.IsFull)
            ? null
            : $"The engine has as many active runs as it may have ({nameof(SluiceEngineOptions.MaxRuns)}, {nameof(SluiceEngineOptions.MaxQueuedRuns)}). Try again later.";
    }

    private static TriggerData DataOf(CompiledWorkflow workflow, JsonElement input)
    {
        var envelope = JsonText.Write(workflow.Webhook, static (writer, webhook) => WriteEnvelope(writer, webhook));
        var (data, _, message) = TriggerData.Read(envelope, BytesOf(input, nameof(input)), "application/json");
        return data ?? throw new RunRejectedException($"The input is not valid: {message}");
    }

    private static ReadOnlyMemory<byte> BytesOf(JsonElement value, string parameter)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            return default;
        }

        try
        {
            return JsonText.Write(value, static (writer, json) => json.WriteTo(writer));
        }
        catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
        {
            // A document keeps escapes as they are until a string is read.
            throw new ArgumentException("A string in the value holds half of a surrogate pair (\\ud800 to \\udfff), which is no character.", parameter, exception);
        }
    }

    // What a request with this input would give, so that every expression of the trigger reads the same members.
    private static void WriteEnvelope(Utf8JsonWriter writer, WebhookTrigger? webhook)
    {
        writer.WriteStartObject();
        writer.WriteString("method"u8, webhook?.Methods[0] ?? "POST");
        writer.WriteString("path"u8, webhook?.Path.ToString() ?? "/");
        writer.WriteStartObject("params"u8);
        writer.WriteEndObject();
        writer.WriteStartObject("query"u8);
        writer.WriteEndObject();
        writer.WriteStartObject("headers"u8);
        writer.WriteString("content-type"u8, "application/json"u8);
        writer.WriteEndObject();
        writer.WriteString("content_type"u8, "application/json"u8);
        writer.WriteNull("remote_ip"u8);
        writer.WriteEndObject();
    }

    // The container may be disposed before the reply is read.
    private static async Task<Reply?> ReplyAsync(Responder responder, ResponderRegistry responders)
    {
        try
        {
            // Off the thread that settles it: that may be the journal's writer, which must not run the embedder's code.
            var answer = await responder.Answer.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            return answer switch
            {
                Answer.Replied replied => replied.Reply,
                Answer.NotDurable { Reason: var reason } => throw new RunRejectedException($"The run could not be stored: {reason}"),
                Answer.Stopping => throw new OperationCanceledException($"The engine stopped before run {responder.Run} replied. The run continues at the next start."),
                _ => null,
            };
        }
        finally
        {
            responders.Close(responder);
        }
    }
}
