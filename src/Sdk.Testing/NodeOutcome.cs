using System.Text.Json;

namespace Sluice.Sdk.Testing;

/// <summary>The result of a call of a node, with parsed output.</summary>
public sealed record NodeOutcome
{
    private NodeOutcome()
    {
    }

    /// <summary>The output; null if the step failed or waits.</summary>
    public JsonElement? Output { get; private init; }

    /// <summary>The port that the call left through; null if there is none.</summary>
    public string? Port { get; private init; }

    /// <summary>Why the call failed; null if it did not.</summary>
    public NodeFailure? Failure { get; private init; }

    /// <summary>The end of the run that the call requested; null if there is none.</summary>
    public RunEnd? End { get; private init; }

    /// <summary>What the step waits for; null if it does not wait.</summary>
    public Suspension? Suspension { get; private init; }

    /// <summary>Parses a result.</summary>
    /// <exception cref="JsonException">The output is not JSON.</exception>
    /// <exception cref="ArgumentException">The result is null.</exception>
    public static NodeOutcome Of(NodeResult result) => result switch
    {
        NodeResult.Completed completed => new() { Output = JsonElement.Parse(completed.Output.Span), Port = completed.Port },
        NodeResult.Ended ended => new() { Output = JsonElement.Parse(ended.Output.Span), End = new RunEnd(ended.Succeeded, ended.Message) },
        NodeResult.Failed failed => new() { Failure = failed.Failure },
        NodeResult.Suspended suspended => new() { Suspension = new Suspension(suspended.Until) { Signal = suspended.Signal } },
        _ => throw new ArgumentException("The node returned null instead of a result.", nameof(result)),
    };

    /// <summary>Returns the outcome in one line, for messages.</summary>
    public override string ToString() =>
        Failure is { } failure ? $"failed ({failure.Kind}): {failure.Message}"
        : Suspension is { } suspension ? $"waits {(suspension.Signal is { } signal ? $"for the signal {signal}, " : "")}until {suspension.Until:O}"
        : $"{Output?.GetRawText()}{(Port is null ? "" : $" through {Port}")}{(End is null ? "" : $", and ends the run as {(End.Succeeded ? "succeeded" : "failed")}")}";
}
