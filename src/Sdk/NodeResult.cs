namespace Sluice.Sdk;

/// <summary>The result of a call of a node, as it crosses the boundary to the host. Output is UTF-8 JSON.</summary>
public abstract record NodeResult
{
    private NodeResult()
    {
    }

    /// <summary>The step succeeded, and the run continues.</summary>
    /// <param name="Output">The output, as UTF-8 JSON.</param>
    /// <param name="Port">The port that the step leaves through; null for a node without ports.</param>
    public sealed record Completed(ReadOnlyMemory<byte> Output, string? Port = null) : NodeResult;

    /// <summary>The step succeeded, and the run ends.</summary>
    /// <param name="Output">The output, as UTF-8 JSON.</param>
    /// <param name="Succeeded">Whether the run succeeds.</param>
    /// <param name="Message">Why the run ends; shown with the run.</param>
    public sealed record Ended(ReadOnlyMemory<byte> Output, bool Succeeded, string? Message) : NodeResult;

    /// <summary>The step failed.</summary>
    /// <param name="Failure">Why.</param>
    public sealed record Failed(NodeFailure Failure) : NodeResult;

    /// <summary>The step waits. The run takes no resources until the host calls the node again, with <see cref="NodeContext.Wake"/> set.</summary>
    /// <param name="Until">When the host calls the node again; <see cref="DateTimeOffset.MaxValue"/> if only a signal wakes the step.</param>
    public sealed record Suspended(DateTimeOffset Until) : NodeResult
    {
        /// <summary>The name of the signal that wakes the step before that time; null, the default, for none. Since 1.2.</summary>
        public string? Signal { get; init; }
    }
}

/// <summary>The result of a call of a typed node. An output, a <see cref="NodeFailure"/> or a <see cref="Suspension"/> converts to it implicitly.</summary>
/// <typeparam name="TOutput">The output of the node, a record.</typeparam>
public readonly struct NodeResult<TOutput>
{
    internal TOutput? Output { get; private init; }
    internal string? Port { get; private init; }
    internal NodeFailure? Failure { get; private init; }
    internal Suspension? Suspension { get; private init; }
    internal RunEnd? End { get; private init; }

    /// <summary>Converts an output to a success without a port.</summary>
    public static implicit operator NodeResult<TOutput>(TOutput output) => new() { Output = output };

    /// <summary>Converts a failure to a result.</summary>
    public static implicit operator NodeResult<TOutput>(NodeFailure failure) => new() { Failure = failure };

    /// <summary>Converts a suspension to a result.</summary>
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
/// <param name="At">The time that the step waited for, or when the signal came.</param>
public sealed record Wake(DateTimeOffset At)
{
    /// <summary>The name of the signal; null if the time passed. Since 1.2.</summary>
    public string? Signal { get; init; }

    /// <summary>The payload of the signal, as UTF-8 JSON; empty if it has none. Since 1.2.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }
}

/// <summary>A request of a step to end the run.</summary>
/// <param name="Succeeded">Whether the run succeeds.</param>
/// <param name="Message">Why it ends; null if nothing is to be shown.</param>
public sealed record RunEnd(bool Succeeded, string? Message);

/// <summary>Describes why a step failed, for the person who built the workflow.</summary>
/// <param name="Kind">The kind of failure, which programs can act on, in snake_case; see <see cref="FailureKind"/>.</param>
/// <param name="Message">What went wrong, and how to fix it. It must not contain secrets or stack traces.</param>
/// <param name="Retryable">Whether the same call may succeed later. False by default.</param>
public sealed record NodeFailure(string Kind, string Message, bool Retryable = false)
{
    /// <summary>
    /// For <see cref="FailureKind.Config"/>: the path of the invalid field, as in <see cref="ConfigProblem.Path"/>, or of the innermost field that contains
    /// all invalid ones. Null, the default, or empty for the whole config. If its value came from the request, the caller gets 422. Since 1.1.
    /// </summary>
    public string? ConfigPath { get; init; }
}

/// <summary>
/// Contains the kinds of failure that the host uses. A node can use them or its own: snake_case, at most 64 characters. The host changes a malformed kind
/// to <see cref="Defect"/> and keeps the message.
/// </summary>
public static class FailureKind
{
    /// <summary>The config is invalid: a field has the wrong type or a value that is not allowed.</summary>
    public const string Config = "config";

    /// <summary>
    /// The request that started the run cannot be processed. A caller that still waits gets 422. The host uses this kind for a replying step whose config
    /// is invalid because of the request.
    /// </summary>
    public const string Request = "request";

    /// <summary>The step took longer than its timeout.</summary>
    public const string Timeout = "timeout";

    /// <summary>The other side cannot be reached, or cannot respond now.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>The other side rejected the call.</summary>
    public const string Refused = "refused";

    /// <summary>An expression could not be evaluated.</summary>
    public const string Expression = "expression";

    /// <summary>The node has a defect: it threw an exception or broke its contract in another way.</summary>
    public const string Defect = "defect";

    /// <summary>The run was cancelled. Only the host says so: from a node of a run that was not cancelled it becomes <see cref="Defect"/>.</summary>
    public const string Cancelled = "cancelled";

    private const int MaxLength = 64;

    /// <summary>Returns whether a kind is snake_case and has at most 64 characters.</summary>
    internal static bool IsWellFormed(string kind) => kind is { Length: <= MaxLength } && SnakeCase.Is(kind);
}
