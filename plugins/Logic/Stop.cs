using System.Text.Json.Serialization;
using Sluice.Sdk;

namespace Sluice.Plugins.Logic;

/// <summary>Ends the run.</summary>
[Node("stop", Name = "Stop", Category = "Logic",
    Summary = "Ends the run: no later step runs. A caller that still waits for a reply gets the default one.")]
public sealed class Stop() : PureNode<StopConfig, StopOutput>(StopJson.Default)
{
    /// <inheritdoc/>
    protected override IReadOnlyList<Example> Examples =>
    [
        new("Succeed", new()) { Output = new(Outcome.Succeeded, null) },
        new("Fail with a message", new(Outcome.Failed, "The order has no lines.")) { Output = new(Outcome.Failed, "The order has no lines.") },
    ];

    /// <inheritdoc/>
    protected override NodeResult<StopOutput> Run(StopConfig config, CancellationToken cancellationToken) =>
        EndRun(config.Outcome is Outcome.Succeeded, config.Message, new StopOutput(config.Outcome, config.Message));
}

/// <summary>How a run ends.</summary>
public enum Outcome
{
    [Field("The run succeeds.")]
    Succeeded,
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

[JsonSerializable(typeof(StopConfig))]
[JsonSerializable(typeof(StopOutput))]
internal sealed partial class StopJson : JsonSerializerContext;
