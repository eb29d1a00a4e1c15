using System.Text;
using System.Text.Json;
using Sluice.Engine.Plugins;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution;

/// <summary>What a node of a test does with one call.</summary>
internal delegate ValueTask<NodeResult> NodeCall(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken);

/// <summary>A node that a test writes as a function, without a plugin around it.</summary>
internal sealed class FakeNode(string type, Effect effect, NodeCall call, params string[] ports) : NodeHandle
{
    private int _givenUp;
    private NodeDescriptor _descriptor = new()
    {
        Type = type,
        Name = type,
        Category = "Tests",
        Summary = "",
        Effect = effect,
        Ports = [.. ports.Select(port => new PortSpec(port, port))],
        ConfigSchema = JsonElement.Parse("""{"type":"object"}"""),
        OutputSchema = JsonElement.Parse("{}"),
        Examples = [],
        Plugin = new PluginIdentity("Tests", "1.0.0", new string('0', 64)),
    };

    public override NodeDescriptor Descriptor => _descriptor;

    /// <summary>The version of its plugin.</summary>
    public string Version
    {
        init => _descriptor = _descriptor with { Plugin = new PluginIdentity("Tests", value, new string('0', 64)) };
    }

    /// <summary>Whether it says that it runs in a process of its own.</summary>
    public bool IsApart { get; init; }

    public override bool RunsApart => IsApart;

    /// <summary>How many of its calls were given up and have not come back.</summary>
    public int GivenUp => _givenUp;

    /// <summary>Whether its plugin is gone: then nobody enters.</summary>
    public bool IsGone { get; set; }

    /// <summary>How many have entered and neither run nor left.</summary>
    public int Entered { get; private set; }

    public override NodeHandle? Enter()
    {
        Entered += IsGone ? 0 : 1;
        return IsGone ? null : this;
    }

    public override void Leave() => Entered--;

    public override void GiveUp() => Interlocked.Increment(ref _givenUp);

    public override void ComeBack() => Interlocked.Decrement(ref _givenUp);

    public override (IReadOnlyList<string> Ports, string? Failure) PortsOf(JsonElement config) => (ports, null);

    public override IReadOnlyList<ConfigProblem> Check(ReadOnlyMemory<byte> config) => [];

    public override ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken)
    {
        Entered--;
        return call(config, context, cancellationToken);
    }

    /// <summary>A pure node whose output is its config.</summary>
    public static FakeNode Echo(string type = "echo", Effect effect = Effect.None) => new(type, effect, (config, _, _) => Done(Encoding.UTF8.GetString(config.Span)));

    /// <summary>A pure node that leaves through the port of that name.</summary>
    public static FakeNode Gate() => new("gate", Effect.None, (config, _, _) =>
    {
        using var read = JsonDocument.Parse(config);
        return ValueTask.FromResult<NodeResult>(new NodeResult.Completed("{}"u8.ToArray(), read.RootElement.GetProperty("port").GetString()));
    }, "left", "right");

    /// <summary>A node that replies with the text in its config.</summary>
    public static FakeNode Replies() => new("reply", Effect.Reply, async (config, context, cancellationToken) =>
    {
        using var read = JsonDocument.Parse(config);
        var receipt = await context.Responder.ReplyAsync(new Reply(200, Encoding.UTF8.GetBytes(read.RootElement.GetProperty("text").GetString()!)), cancellationToken);
        return new NodeResult.Completed(JsonSerializer.SerializeToUtf8Bytes(new { sent = receipt.Sent, reason = receipt.Reason }));
    });

    public static FakeNode Ends(bool succeeded) => new(
        succeeded ? "end" : "fail_run", Effect.None, (_, _, _) => ValueTask.FromResult<NodeResult>(new NodeResult.Ended("{}"u8.ToArray(), succeeded, "enough")));

    public static FakeNode Fails() => new(
        "fail", Effect.External, (_, _, _) => ValueTask.FromResult<NodeResult>(new NodeResult.Failed(new NodeFailure(FailureKind.Refused, "said no"))));

    /// <summary>Waits for the gate, and for its token unless it ignores that.</summary>
    public static FakeNode Waits(Task gate, TaskCompletionSource entered, bool ignores = false, string type = "wait") => new(type, Effect.External, async (_, context, cancellationToken) =>
    {
        entered.TrySetResult();
        await gate.WaitAsync(ignores ? CancellationToken.None : cancellationToken);
        return new NodeResult.Completed(JsonSerializer.SerializeToUtf8Bytes(new { attempt = context.Attempt, key = context.IdempotencyKey }));
    });

    public static ValueTask<NodeResult> Done(string json = "{}") => ValueTask.FromResult<NodeResult>(new NodeResult.Completed(Encoding.UTF8.GetBytes(json)));
}
