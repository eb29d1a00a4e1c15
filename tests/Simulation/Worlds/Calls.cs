using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sluice.Engine.Journal;
using Sluice.Sdk;
using Sluice.Simulation.Laws;

namespace Sluice.Simulation.Worlds;

/// <summary>One call of a node, as the other side saw it.</summary>
internal sealed record SeenCall(RunId Run, string Path, SimulatedNode Node, string Key, string Config, int Attempt, long Host);

/// <summary>The other side of the nodes: does what their calls ask for, and keeps some of them waiting.</summary>
internal sealed class Calls(World world)
{
    private readonly List<(TaskCompletionSource<NodeResult> Call, string Name, NodeResult Result)> _inFlight = [];

    /// <summary>How many calls could return now.</summary>
    public int InFlight => _inFlight.Count;

    /// <summary>The host that made the call has crashed.</summary>
    public void Clear() => _inFlight.Clear();

    public ValueTask<NodeResult> Begin(
        SimulatedHost host, SimulatedNode node, ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
    {
        if (host.IsDead || world.Strikes(host, Fault.BeforeTheAppend))
        {
            return SimulatedHost.Never<NodeResult>();
        }

        _ = RunId.TryParse(context.RunId, out var run);
        var path = context.IdempotencyKey[(context.RunId.Length + 1)..];
        var call = new SeenCall(run, path, node, context.IdempotencyKey, Encoding.UTF8.GetString(config.Span), context.Attempt, host.Epoch);
        var name = $"{world.NameOf(run)}/{path}#{context.Attempt}";
        world.Note(host, $"calls {name} {node.Descriptor.Type} {call.Config}");
        world.Witness.See(call, context.Wake);
        switch (node.Descriptor.Type)
        {
            case "poison" or "poison_outside":
                world.Kill(host, $"{name} killed it");
                world.Witness.SeeDeath(call);
                return SimulatedHost.Never<NodeResult>();
            case "hang":
                return HangAsync(cancellationToken);
            case "reply":
                return ReplyAsync(host, call, context, cancellationToken);
            case var _ when node.Descriptor.Effect == Effect.External && world.Toss():
                var pending = new TaskCompletionSource<NodeResult>();
                _inFlight.Add((pending, name, ResultOf(call, context)));
                return new ValueTask<NodeResult>(pending.Task);
            default:
                return Done(host, ResultOf(call, context));
        }
    }

    /// <summary>One of the calls that are in flight returns.</summary>
    public void EndOne(SimulatedHost host)
    {
        var chosen = world.Next(_inFlight.Count);
        var (call, name, result) = _inFlight[chosen];
        _inFlight.RemoveAt(chosen);
        if (!world.Strikes(host, Fault.EffectDoneRecordLost))
        {
            world.Note(host, $"hears from {name}");
            call.SetResult(result);
        }
    }

    private ValueTask<NodeResult> Done(SimulatedHost host, NodeResult result) =>
        world.Strikes(host, Fault.EffectDoneRecordLost) ? SimulatedHost.Never<NodeResult>() : ValueTask.FromResult(result);

    private static async ValueTask<NodeResult> HangAsync(CancellationToken cancellationToken)
    {
        var never = new TaskCompletionSource<NodeResult>();
        using var cancellation = cancellationToken.Register(() => never.TrySetCanceled(cancellationToken));
        return await never.Task;
    }

    private async ValueTask<NodeResult> ReplyAsync(SimulatedHost host, SeenCall call, NodeContext context, CancellationToken cancellationToken)
    {
        using var config = JsonDocument.Parse(call.Config);
        var body = JsonSerializer.SerializeToUtf8Bytes(config.RootElement.GetProperty("body"));
        var receipt = await context.Responder.ReplyAsync(new Reply(200, body) { ContentType = "application/json" }, cancellationToken);
        return await Done(host, new NodeResult.Completed(JsonSerializer.SerializeToUtf8Bytes(new { sent = receipt.Sent, reason = receipt.Reason })));
    }

    private NodeResult ResultOf(SeenCall call, NodeContext context)
    {
        using var document = JsonDocument.Parse(call.Config);
        var config = document.RootElement;
        return call.Node.Descriptor.Type switch
        {
            "gate" => new NodeResult.Completed(Encoding.UTF8.GetBytes(call.Config), config.GetProperty("port").GetString()),
            "call" when config.TryGetProperty("fails", out _) => new NodeResult.Failed(new NodeFailure(FailureKind.Refused, "The other side said no.")),
            "call" => new NodeResult.Completed(Receipt(call)),
            "wait" or "wait_outside" when context.Wake is null => new NodeResult.Suspended(world.Now + TimeSpan.FromMilliseconds(config.GetProperty("ms").GetInt32())),
            "end" => new NodeResult.Ended("{}"u8.ToArray(), config.GetProperty("well").GetBoolean(), "enough"),
            _ => new NodeResult.Completed(Encoding.UTF8.GetBytes(call.Config)),
        };
    }

    // The same for the same request, whenever it comes: its times and UUIDs aside.
    private static byte[] Receipt(SeenCall call)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(Story.WithoutMoments(call.Config)));
        return JsonSerializer.SerializeToUtf8Bytes(new { v = Convert.ToHexStringLower(hash.AsSpan(0, 4)), n = hash[4] % 10 });
    }
}
