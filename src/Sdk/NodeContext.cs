using Microsoft.Extensions.Logging;

namespace Sluice.Sdk;

/// <summary>What the host lends to one call of a node; everything a node may use, and nothing else.</summary>
public sealed record NodeContext
{
    /// <summary>The run's identifier.</summary>
    public required string RunId { get; init; }

    /// <summary>The step's key in the workflow.</summary>
    public required string StepKey { get; init; }

    /// <summary>1 on the first call of this step in this run, 2 on the second, and so on.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>
    /// The same on every attempt of this step of this run, after a crash too, and different for every other. Hand it to the other side
    /// (an <c>Idempotency-Key</c> header, a unique column) so that a repeated call has one effect.
    /// </summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>Writes to the host's log, under the name of the node, with the run id.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>The clock. A node uses no other.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>
    /// A client owned by the host. It does not follow redirects, keeps no cookies and has no timeout of its own. Do not dispose it. A request to an
    /// address that the host does not allow throws <see cref="AddressNotAllowedException"/>, which is an <see cref="HttpRequestException"/>.
    /// </summary>
    public required HttpClient Http { get; init; }

    /// <summary>The secrets that this step's config refers to, by name.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Answers the waiting caller. Live only for a node with <see cref="Effect.Reply"/>.</summary>
    public required IResponder Responder { get; init; }

    /// <summary>How many bytes the output may have; the host fails the step beyond it.</summary>
    internal int MaxOutputBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>What woke this step, where it had suspended itself; null on the first call.</summary>
    public Wake? Wake { get; init; }
}
