using Microsoft.Extensions.Logging;

namespace Sluice.Sdk;

/// <summary>Contains what the host provides for one call of a node. A node uses nothing else of the host.</summary>
public sealed record NodeContext
{
    /// <summary>The ID of the run.</summary>
    public required string RunId { get; init; }

    /// <summary>The key of the step in the workflow.</summary>
    public required string StepKey { get; init; }

    /// <summary>The attempt number of this step in this run, starting with 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>
    /// A key that is the same for every attempt of this step in this run, also after a crash, and different for every other step and run. Pass it to the
    /// other side (an <c>Idempotency-Key</c> header, a unique column), so that repeated calls have one effect.
    /// </summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>Writes to the host's log, with the type of the node and the ID of the run.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>The clock. Use no other, so that tests can control the time.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>
    /// A client owned by the host. It does not follow redirects, keeps no cookies and has no timeout of its own. Do not dispose it. A request to an
    /// address that the host does not allow throws <see cref="AddressNotAllowedException"/>, which is an <see cref="HttpRequestException"/>.
    /// </summary>
    public required HttpClient Http { get; init; }

    /// <summary>The secrets that the config of this step refers to, by name.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Replies to the waiting caller. Only a node with <see cref="Effect.Reply"/> can use it.</summary>
    public required IResponder Responder { get; init; }

    /// <summary>The maximum size of the output, in bytes.</summary>
    internal int MaxOutputBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>What woke this step if it was suspended; null on the first call.</summary>
    public Wake? Wake { get; init; }
}
