using Sluice.Sdk;

namespace Sluice.Plugins.Logic;

/// <summary>Ends the run.</summary>
[Node("stop", Name = "Stop", Category = "Logic", Effect = Effect.None,
    Summary = "Ends the run: no later step runs. A caller that still waits for a reply gets the default one.")]
[NodeExample("Succeed", "{}", Output = """{"outcome":"succeeded","message":null}""")]
[NodeExample("Fail with a message", """{"outcome":"failed","message":"The order has no lines."}""",
    Output = """{"outcome":"failed","message":"The order has no lines."}""")]
public sealed class Stop() : Node<StopConfig, StopOutput>(Json.Default)
{
    /// <inheritdoc/>
    protected override ValueTask<NodeResult<StopOutput>> RunAsync(StopConfig config, NodeContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(EndRun(config.Outcome is Outcome.Succeeded, config.Message, new StopOutput(config.Outcome, config.Message)));
}

/// <summary>How a run ends.</summary>
public enum Outcome
{
    /// <summary>The run ends well.</summary>
    [Field("The run succeeds.")]
    Succeeded,

    /// <summary>The run ends as failed.</summary>
    [Field("The run fails. A caller that still waits gets a 500.")]
    Failed,
}

/// <summary>The config of <see cref="Stop"/>.</summary>
public sealed record StopConfig(
    [Field("How the run ends.", Example = "\"failed\"")]
    Outcome Outcome = Outcome.Succeeded,
    [Field("Why the run ends, for people who look at the run.", Example = "\"The order has no lines.\"")]
    string? Message = null);

/// <summary>The output of <see cref="Stop"/>.</summary>
public sealed record StopOutput(
    [Field("How the run ended.")] Outcome Outcome,
    [Field("Why the run ended; null if `message` was omitted.")] string? Message);
