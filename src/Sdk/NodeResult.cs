namespace Sluice.Sdk;

/// <summary>How a call of a node came out: the form that crosses the boundary to the host. Output is UTF-8 JSON.</summary>
public abstract record NodeResult
{
    private NodeResult()
    {
    }

    /// <summary>The step succeeded and the workflow goes on.</summary>
    /// <param name="Output">The output, UTF-8 JSON.</param>
    /// <param name="Port">The port it leaves through; null for a node without ports.</param>
    public sealed record Completed(ReadOnlyMemory<byte> Output, string? Port = null) : NodeResult;

    /// <summary>The step succeeded and the run ends here.</summary>
    /// <param name="Output">The output, UTF-8 JSON.</param>
    /// <param name="Succeeded">Whether the run ends well.</param>
    /// <param name="Message">Why the run ends; shown with the run.</param>
    public sealed record Ended(ReadOnlyMemory<byte> Output, bool Succeeded, string? Message) : NodeResult;

    /// <summary>The step failed.</summary>
    public sealed record Failed(NodeFailure Failure) : NodeResult;

    /// <summary>The step waits without holding anything; the host calls the node again, with <see cref="NodeContext.Wake"/> set.</summary>
    /// <param name="Until">When to call again; <see cref="DateTimeOffset.MaxValue"/> if only a signal wakes the step.</param>
    public sealed record Suspended(DateTimeOffset Until) : NodeResult
    {
        /// <summary>The name of the signal that wakes the step before that time; null, the default, for none. Since 1.2.</summary>
        public string? Signal { get; init; }
    }
}

/// <summary>How a call of a typed node came out. An output, a <see cref="NodeFailure"/> or a <see cref="Suspension"/> converts to it.</summary>
/// <typeparam name="TOutput">The node's output record.</typeparam>
public readonly struct NodeResult<TOutput>
{
    internal TOutput? Output { get; private init; }
    internal string? Port { get; private init; }
    internal NodeFailure? Failure { get; private init; }
    internal Suspension? Suspension { get; private init; }
    internal RunEnd? End { get; private init; }

    /// <summary>Succeeded, through the unnamed way out.</summary>
    public static implicit operator NodeResult<TOutput>(TOutput output) => new() { Output = output };

    /// <summary>Failed.</summary>
    public static implicit operator NodeResult<TOutput>(NodeFailure failure) => new() { Failure = failure };

    /// <summary>Waits.</summary>
    public static implicit operator NodeResult<TOutput>(Suspension suspension) => new() { Suspension = suspension };

    internal static NodeResult<TOutput> Through(string port, TOutput output) => new() { Output = output, Port = port };

    internal static NodeResult<TOutput> Ending(RunEnd end, TOutput output) => new() { Output = output, End = end };
}

/// <summary>A wait until a point in time, or until a signal comes.</summary>
/// <param name="Until">When the host calls the node again; <see cref="DateTimeOffset.MaxValue"/> if only a signal wakes the step.</param>
public sealed record Suspension(DateTimeOffset Until)
{
    /// <summary>The name of the signal that wakes the step before that time: 1 to 200 characters, unique in the run. Null, the default, for none. Since 1.2.</summary>
    public string? Signal { get; init; }

    /// <summary>A wait for a signal. Since 1.2.</summary>
    /// <param name="signal">The name of the signal: 1 to 200 characters, unique in the run.</param>
    /// <param name="until">When the host calls the node again if no signal has come; null to wait for as long as it takes.</param>
    public static Suspension ForSignal(string signal, DateTimeOffset? until = null) => new(until ?? DateTimeOffset.MaxValue) { Signal = signal };
}

/// <summary>What woke a suspended step.</summary>
/// <param name="At">The time that the step had waited for, or when the signal came.</param>
public sealed record Wake(DateTimeOffset At)
{
    /// <summary>The name of the signal that came; null if the time has come. Since 1.2.</summary>
    public string? Signal { get; init; }

    /// <summary>What came with the signal, UTF-8 JSON; empty if nothing did. Since 1.2.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }
}

/// <summary>An end of the run that a step asks for.</summary>
/// <param name="Succeeded">Whether the run ends well.</param>
/// <param name="Message">Why it ends.</param>
public sealed record RunEnd(bool Succeeded, string? Message);

/// <summary>Why a step failed, in words for the person who built the workflow.</summary>
/// <param name="Kind">A snake_case word that programs can act on; see <see cref="FailureKind"/>.</param>
/// <param name="Message">What went wrong and what to do about it. Never a secret, never a stack trace.</param>
/// <param name="Retryable">Whether the same call may succeed later.</param>
public sealed record NodeFailure(string Kind, string Message, bool Retryable = false)
{
    /// <summary>
    /// For <see cref="FailureKind.Config"/>: the field that is wrong, as in <see cref="ConfigProblem.Path"/>, or the innermost one that holds all fields
    /// that are. Null, the default, or empty for the config as a whole. The host decides by it whether the fault is the caller's. Since 1.1.
    /// </summary>
    public string? ConfigPath { get; init; }
}

/// <summary>
/// The kinds of failure that the host itself uses; a node may use them, or words of its own: snake_case, at most 64 characters. The host turns a
/// failure of any other kind into a <see cref="Defect"/>, and keeps the message.
/// </summary>
public static class FailureKind
{
    /// <summary>The config is wrong: a field has the wrong type or a value that is not allowed.</summary>
    public const string Config = "config";

    /// <summary>
    /// What the run began with can't be served: the fault is the caller's, who is answered 422 where they still wait. The host gives this kind to a
    /// replying step whose config is wrong by what its expressions gave.
    /// </summary>
    public const string Request = "request";

    /// <summary>The step took longer than its timeout.</summary>
    public const string Timeout = "timeout";

    /// <summary>The other side could not be reached, or said that it can't now.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>The other side answered, and the answer was no.</summary>
    public const string Refused = "refused";

    /// <summary>An expression could not be evaluated.</summary>
    public const string Expression = "expression";

    /// <summary>The node threw an exception, or broke its contract in another way: a defect of the node.</summary>
    public const string Defect = "defect";

    /// <summary>The run was cancelled. Only the host says so: from a node of a run that was not cancelled it becomes <see cref="Defect"/>.</summary>
    public const string Cancelled = "cancelled";

    private const int MaxLength = 64;

    /// <summary>Whether a host accepts a kind as it is: snake_case, at most 64 characters.</summary>
    internal static bool IsWellFormed(string kind) => kind is { Length: <= MaxLength } && SnakeCase.Is(kind);
}
