using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Plugins.Processes;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins;

/// <summary>The handle of one node of one plugin version. It outlives the version: once that drains, it calls the successor.</summary>
internal sealed class PluginNode(NodeDescriptor descriptor, INode node, Leases leases, BoundedCode code, NodeCatalog catalog, ILogger logger) : NodeHandle
{
    // Plugins must not depend on the journal, which has the same limit.
    private const int LongestSignal = 200;

    private static readonly JsonElement Null = JsonElement.Parse("null");

    private readonly Lazy<bool> _givesNull = new(() => SchemaCheck.Problems(descriptor.OutputSchema, Null).Count == 0);
    private readonly string[] _ports = [.. descriptor.Ports.Select(port => port.Name)];
    private INode? _node = node;

    public override NodeDescriptor Descriptor => descriptor;

    public override bool RunsApart { get; } = node is ProcessNode;

    private BoundedCode Code => code;

    private string Label => $"'{descriptor.Type}' of plugin {descriptor.Plugin.Name} {descriptor.Plugin.Version}";

    public override (IReadOnlyList<string> Ports, string? Failure) PortsOf(JsonElement config)
    {
        if (EnterVersion() is not { } entered)
        {
            return ([], Gone);
        }

        // Cloned, because the caller may free the config's memory while the call still runs.
        var own = config.ValueKind == JsonValueKind.Undefined ? config : config.Clone();
        try
        {
            return entered.Code.Run(() => entered.PortsOfEntered(own));
        }
        catch (CodeDeadlineException late)
        {
            return ([], entered.WrittenOff("ports", late));
        }
    }

    public override IReadOnlyList<ConfigProblem> Check(ReadOnlyMemory<byte> config)
    {
        if (EnterVersion() is not { } entered)
        {
            return [new ConfigProblem("", Gone)];
        }

        try
        {
            return entered.Code.Run(() => entered.CheckEntered(config));
        }
        catch (CodeDeadlineException late)
        {
            return [new ConfigProblem("", entered.WrittenOff("check", late))];
        }
    }

    /// <summary>Checks the config on the caller's own thread, without a time limit.</summary>
    public IReadOnlyList<ConfigProblem> CheckHere(ReadOnlyMemory<byte> config) => EnterVersion() is { } entered ? entered.CheckEntered(config) : [new ConfigProblem("", Gone)];

    public override ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
        EnterVersion() is { } entered
            ? entered.RunEnteredAsync(config, context, cancellationToken)
            : ValueTask.FromException<NodeResult>(new PluginGoneException(descriptor.Plugin, descriptor.Type));

    public override NodeHandle? Enter() => EnterVersion();

    public override void Leave() => Exit();

    // Async, so that an AsyncLocal that the node sets does not reach the caller. Holds the lease until the node's task completes, however
    // long the caller waits.
    public override async ValueTask<NodeResult> RunEnteredAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
    {
        if (leases.GivenUp >= Leases.MostGivenUp)
        {
            Exit();
            return new NodeResult.Failed(new NodeFailure(FailureKind.Unavailable, Blocked, Retryable: true));
        }

        try
        {
            return Accept(await _node!.RunAsync(config, context, cancellationToken), config, context);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Not the caught exception: its stack trace would keep the plugin in memory.
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception exception)
        {
            return Defect(Thrown(exception, context.Logger));
        }
        finally
        {
            Exit();
        }
    }

    public override void GiveUp()
    {
        // A separate process that ignores a cancelled call is replaced, together with its threads.
        if (RunsApart)
        {
            return;
        }

        var count = leases.GiveUp();
        Code.WrittenOff.Add();
        logger.LogWarning("A call of the node {Node} was written off and may hold a thread until the host ends; {Count} such calls so far", Label, count);
        if (count == Leases.MostGivenUp)
        {
            logger.LogError("Plugin {Plugin} is blocked. {Reason}", descriptor.Plugin.Label, Blocked);
        }
    }

    public override void ComeBack()
    {
        if (RunsApart)
        {
            return;
        }

        Code.WrittenOff.Return();
        if (leases.ComeBack() == Leases.MostGivenUp - 1)
        {
            logger.LogInformation("Plugin {Plugin} is no longer blocked: a call that was written off has returned", descriptor.Plugin.Label);
        }
    }

    /// <summary>Disposes and releases the node. Call it only after the last call has left.</summary>
    public async ValueTask CloseAsync()
    {
        var closing = Interlocked.Exchange(ref _node, null);
        if (closing is ProcessNode process)
        {
            // Ending a process has its own time limits.
            await process.DisposeAsync();
            return;
        }

        if (closing is not (IAsyncDisposable or IDisposable))
        {
            return;
        }

        try
        {
            await Code.RunAsync(() => DisposeAsync(closing));
        }
        catch (CodeDeadlineException late)
        {
            WrittenOff("disposal", late);
        }
    }

    private async Task DisposeAsync(INode closing)
    {
        try
        {
            switch (closing)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync();
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        }
        catch (Exception exception)
        {
            logger.LogError("Disposing the node {Node} threw: {Details}", Label, PluginFault.Of(exception).Details);
        }
    }

    private string Blocked =>
        $"The plugin {descriptor.Plugin.Label} is blocked: {Leases.MostGivenUp} calls of its nodes ignored their timeout and may each hold a thread. "
        + "Replace the plugin, run it with `isolation: process`, or restart the host.";

    private (IReadOnlyList<string> Ports, string? Failure) PortsOfEntered(JsonElement config)
    {
        try
        {
            return _node!.PortsOf(config) is { } ports ? ([.. ports], null) : ([], $"The node {Label} returned null for its ports.");
        }
        catch (Exception exception)
        {
            return ([], Thrown(exception, logger));
        }
        finally
        {
            Exit();
        }
    }

    private IReadOnlyList<ConfigProblem> CheckEntered(ReadOnlyMemory<byte> config)
    {
        try
        {
            return _node!.Check(config) is { } problems ? [.. problems] : [new ConfigProblem("", $"The node {Label} returned null for its check.")];
        }
        catch (Exception exception)
        {
            return [new ConfigProblem("", Thrown(exception, logger))];
        }
        finally
        {
            Exit();
        }
    }

    private string WrittenOff(string member, CodeDeadlineException late)
    {
        logger.LogError("A call of the {Member} of node {Node} was written off: {Reason}", member, Label, late.Message);
        return $"The {member} of the node {Label} can't be used: {late.Message} That is a defect of the node; report it to its author.";
    }

    private string Gone => new PluginGoneException(descriptor.Plugin, descriptor.Type).Message;

    // Returns this handle or its successor; null if none admits a call. A version leaves the catalog before it drains, so if a version from
    // the catalog rejects the call, it has left the catalog since, and the next lookup finds another.
    private PluginNode? EnterVersion()
    {
        for (var version = this; version is not null; version = catalog.SuccessorOf(descriptor))
        {
            if (version.TryEnter())
            {
                return version;
            }
        }

        return null;
    }

    private bool TryEnter() => leases.TryEnter();

    private void Exit() => leases.Exit();

    private NodeResult Accept(NodeResult? result, ReadOnlyMemory<byte> config, NodeContext context)
    {
        switch (result)
        {
            case NodeResult.Completed { Output: var large } when NodeOutput.SizeFailure(large, context) is { } failure:
                return new NodeResult.Failed(failure);
            case NodeResult.Ended { Output: var large } when NodeOutput.SizeFailure(large, context) is { } failure:
                return new NodeResult.Failed(failure);
            case NodeResult.Completed completed:
                if (PortProblem(completed.Port, config) is { } problem)
                {
                    return Defect(problem);
                }

                var (output, unreadable) = Take(completed.Output);
                return unreadable is null ? completed with { Output = output } : Defect(unreadable);
            case NodeResult.Ended ended:
                (output, unreadable) = Take(ended.Output);
                return unreadable is null ? ended with { Output = output } : Defect(unreadable);
            case NodeResult.Suspended { Signal: { } signal } when signal.Length is 0 or > LongestSignal:
                return Defect($"The node {Label} waits for a signal whose name has {signal.Length} characters; a name has 1 to {LongestSignal}. That is a defect of the node; report it to its author.");
            case NodeResult.Suspended:
                return result;
            case NodeResult.Failed { Failure: { Kind: not null, Message: not null } returned }:
                return Accept(returned);
            default:
                return Defect($"The node {Label} returned {(result is null ? "null" : "a failure without a kind or a message")} as its result.");
        }
    }

    private (byte[] Output, string? Problem) Take(ReadOnlyMemory<byte> output)
    {
        var (copy, unreadable) = NodeOutput.Take(output);
        return unreadable is not null ? (copy, $"The output of the node {Label} is not JSON that the host can read: {unreadable}")
            : NodeOutput.IsNull(copy) && !_givesNull.Value ? (copy, $"The node {Label} returned null instead of an output. That is a defect of the node; report it to its author.")
            : (copy, null);
    }

    // Programs rely on the kind: it is used in the journal, in conditions and in metrics.
    private NodeResult.Failed Accept(NodeFailure failure)
    {
        return FailureKind.IsWellFormed(failure.Kind)
            ? new NodeResult.Failed(failure)
            : new NodeResult.Failed(failure with
            {
                Kind = FailureKind.Defect,
                Message = $"The node {Label} returned a failure whose kind is not snake_case, at most 64 characters long; report it to its author. Its message: {failure.Message}",
            });
    }

    private string? PortProblem(string? port, ReadOnlyMemory<byte> config)
    {
        if (port is null)
        {
            return _ports.Length == 0 ? null : $"The node {Label} left through no port; it has {string.Join(", ", _ports)}.";
        }

        if (Array.IndexOf(_ports, port) >= 0)
        {
            return null;
        }

        // The rare case: a node whose ports depend on its config.
        using var document = JsonDocument.Parse(config);
        string[] ports = [.. _node!.PortsOf(document.RootElement)];
        return Array.IndexOf(ports, port) >= 0
            ? null
            : $"The node {Label} left through the port '{port}', which this step does not have; "
                + $"it has {(ports.Length == 0 ? "none" : string.Join(", ", ports))}.";
    }

    private string Thrown(Exception exception, ILogger log)
    {
        var fault = PluginFault.Of(exception);
        log.LogError("The node {Node} threw: {Details}", Label, fault.Details);
        return $"The node {Label} threw an exception: {fault.Message.TrimEnd('.')}. That is a defect of the node; report it to its author. The log has the details.";
    }

    private static NodeResult.Failed Defect(string message) => new(new NodeFailure(FailureKind.Defect, message));
}
