using System.Collections.ObjectModel;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Sluice.Sdk.Testing;

/// <summary>
/// What a node finds around it in a test: everything that a <see cref="NodeContext"/> is made of, with defaults that touch nothing. Change a part
/// with <c>with</c>.
/// </summary>
/// <example><code>
/// var environment = new NodeEnvironment { Http = new StubHttp(_ => new HttpResponseMessage(HttpStatusCode.OK)) };
/// var outcome = await environment.RunAsync(new MyNode(), """{"url":"https://example.com"}""");
/// </code></example>
public sealed record NodeEnvironment
{
    /// <summary>The run's identifier; <c>run-1</c> by default.</summary>
    public string RunId { get; init; } = "run-1";

    /// <summary>The step's key; <c>step</c> by default.</summary>
    public string StepKey { get; init; } = "step";

    /// <summary>Which call of the step it is; 1 by default.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The idempotency key; <c>run-1:step</c> by default.</summary>
    public string IdempotencyKey { get; init; } = "run-1:step";

    /// <summary>The clock; one that stands still on 1 January 2026, 00:00 UTC, until the test advances it.</summary>
    public FakeTimeProvider Time { get; init; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Answers the node's HTTP requests; by default there is no network.</summary>
    public StubHttp Http { get; init; } = new();

    /// <summary>The secrets that the step's config refers to; none by default.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Takes the node's replies.</summary>
    public RecordingResponder Responder { get; init; } = new();

    /// <summary>Takes the node's log lines.</summary>
    public RecordingLogger Logger { get; init; } = new();

    /// <summary>What woke the step; null by default, as on a first call.</summary>
    public Wake? Wake { get; init; }

    /// <summary>The context of one call.</summary>
    public NodeContext NewContext() => new()
    {
        RunId = RunId,
        StepKey = StepKey,
        Attempt = Attempt,
        IdempotencyKey = IdempotencyKey,
        Logger = Logger,
        Time = Time,
        Http = Http.NewClient(),
        Secrets = Secrets,
        Responder = Responder,
        Wake = Wake,
    };

    /// <summary>Calls a node once.</summary>
    /// <param name="node">The node.</param>
    /// <param name="config">The config, as JSON text.</param>
    /// <param name="cancellationToken">Given to the node.</param>
    /// <exception cref="Exception">Whatever the node throws.</exception>
    public async Task<NodeOutcome> RunAsync(INode node, string config, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        return NodeOutcome.Of(await node.RunAsync(Encoding.UTF8.GetBytes(config), NewContext(), cancellationToken));
    }
}
