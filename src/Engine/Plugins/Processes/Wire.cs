using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>The child's result of loading the plugin: the specs of its nodes, or why it was rejected.</summary>
internal sealed record WireLoaded(NodeSpec[] Specs, Rejection[] Rejections);

/// <summary>
/// One call of a node: the serializable parts of a <see cref="NodeContext"/>. For the others, the child calls the host with the call's id.
/// </summary>
internal sealed record WireCall
{
    public required long Id { get; init; }

    /// <summary>The node's type identifier.</summary>
    public required string Node { get; init; }

    public required byte[] Config { get; init; }

    public required string RunId { get; init; }

    public required string StepKey { get; init; }

    public required int Attempt { get; init; }

    public required string IdempotencyKey { get; init; }

    public required IReadOnlyDictionary<string, string> Secrets { get; init; }

    public DateTimeOffset? WakeAt { get; init; }

    /// <summary>The signal that woke the step; null if it was none.</summary>
    public string? Signal { get; init; }

    public byte[]? SignalPayload { get; init; }

    /// <summary>The maximum output size in bytes; a longer output is not sent.</summary>
    public required int MaxOutputBytes { get; init; }

    /// <summary>The lowest level of the host's log; lines below it are not sent.</summary>
    public required int LogLevel { get; init; }

    /// <summary>Whether the token was cancelled before the call.</summary>
    public required bool IsCancelled { get; init; }
}

/// <summary>The result of a call.</summary>
internal sealed record WireOutcome
{
    public required WireOutcomeKind Kind { get; init; }

    public byte[]? Output { get; init; }

    public string? Port { get; init; }

    public NodeFailure? Failure { get; init; }

    public bool Succeeded { get; init; }

    public string? Message { get; init; }

    public DateTimeOffset Until { get; init; }

    /// <summary>The signal that ends a suspension early; null for none.</summary>
    public string? Signal { get; init; }

    public PluginFault? Fault { get; init; }
}

/// <summary>The forms of <see cref="NodeResult"/>, and the two ways a call can end without one.</summary>
internal enum WireOutcomeKind
{
    /// <summary>The node returned null.</summary>
    Null,
    Completed,
    Ended,
    Failed,
    Suspended,
    Cancelled,
    Threw,
}

/// <summary>The ports of a config, or what the node threw; both null if it returned null.</summary>
internal sealed record WirePorts(string[]? Ports, PluginFault? Fault);

/// <summary>The problems that a node finds in a config, or what it threw; both null if it returned null.</summary>
internal sealed record WireProblems(ConfigProblem[]? Problems, PluginFault? Fault);

/// <summary>A line for the host's log.</summary>
internal sealed record WireLogLine(int Level, int EventId, string Message, string? Exception);

/// <summary>A reply to send to the host.</summary>
internal sealed record WireReply(int Status, byte[] Body, string? ContentType, KeyValuePair<string, string>[] Headers, string? Blob, bool Sandbox, bool IsCancelled);

/// <summary>The result of a reply.</summary>
/// <param name="Sent">Whether the caller gets it.</param>
/// <param name="Reason">Why the caller does not get it.</param>
/// <param name="Refused">The rule that it breaks, if it was rejected.</param>
/// <param name="Fault">Another exception of the host's side.</param>
internal sealed record WireReceipt(bool Sent, string? Reason, string? Refused = null, string? Fault = null);

/// <summary>An HTTP request of a node, for the host's client to send.</summary>
internal sealed record WireRequest(
    string Method, string Address, string Version, KeyValuePair<string, string>[] Headers, KeyValuePair<string, string>[] ContentHeaders, byte[]? Body, bool IsCancelled);

/// <summary>The response, or why there is none.</summary>
internal sealed record WireResponse
{
    public int Status { get; init; }

    public string? Reason { get; init; }

    public KeyValuePair<string, string>[] Headers { get; init; } = [];

    public KeyValuePair<string, string>[] ContentHeaders { get; init; } = [];

    public byte[] Body { get; init; } = [];

    /// <summary>The message of the client's exception.</summary>
    public string? Error { get; init; }

    /// <summary>The kind of failure, as a value of <see cref="HttpRequestError"/>.</summary>
    public int ErrorKind { get; init; }

    /// <summary>Whether the client threw <see cref="AddressNotAllowedException"/>.</summary>
    public bool IsNotAllowed { get; init; }
}
