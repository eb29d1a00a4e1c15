using System.Text.Json;

namespace Sluice.Sdk.Testing;

/// <summary>How a call of a node came out, its output parsed.</summary>
public sealed record NodeOutcome
{
    private NodeOutcome()
    {
    }

    /// <summary>The output; null where the step failed or waits.</summary>
    public JsonElement? Output { get; private init; }

    /// <summary>The port that it left through; null where it has none.</summary>
    public string? Port { get; private init; }

    /// <summary>Why it failed; null where it did not.</summary>
    public NodeFailure? Failure { get; private init; }

    /// <summary>The end of the run that it asked for; null where it asked for none.</summary>
    public RunEnd? End { get; private init; }

    /// <summary>What it waits for; null where it does not wait.</summary>
    public Suspension? Suspension { get; private init; }

    /// <summary>The outcome that a result stands for.</summary>
    /// <exception cref="JsonException">The output is not JSON.</exception>
    public static NodeOutcome Of(NodeResult result) => result switch
    {
        NodeResult.Completed completed => new() { Output = JsonElement.Parse(completed.Output.Span), Port = completed.Port },
        NodeResult.Ended ended => new() { Output = JsonElement.Parse(ended.Output.Span), End = new RunEnd(ended.Succeeded, ended.Message) },
        NodeResult.Failed failed => new() { Failure = failed.Failure },
        NodeResult.Suspended suspended => new() { Suspension = new Suspension(suspended.Until) { Signal = suspended.Signal } },
        _ => throw new ArgumentException("The node gave no result.", nameof(result)),
    };

    /// <summary>The outcome in one line, for messages.</summary>
    public override string ToString() =>
        Failure is { } failure ? $"failed ({failure.Kind}): {failure.Message}"
        : Suspension is { } suspension ? $"waits {(suspension.Signal is { } signal ? $"for the signal {signal}, " : "")}until {suspension.Until:O}"
        : $"{Output?.GetRawText()}{(Port is null ? "" : $" through {Port}")}{(End is null ? "" : $", and ends the run as {(End.Succeeded ? "succeeded" : "failed")}")}";
}
