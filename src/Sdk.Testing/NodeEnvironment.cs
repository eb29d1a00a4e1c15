using System.Collections.ObjectModel;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Sluice.Sdk.Testing;

/// <summary>
/// The environment of a node in a test: everything that a <see cref="NodeContext"/> contains, with defaults that affect nothing. Use <c>with</c> to change
/// a part.
/// </summary>
/// <example><code>
/// var environment = new NodeEnvironment { Http = new StubHttp(_ => new HttpResponseMessage(HttpStatusCode.OK)) };
/// var outcome = await environment.RunAsync(new MyNode(), """{"url":"https://example.com"}""");
/// </code></example>
public sealed record NodeEnvironment
{
    /// <summary>The ID of the run; <c>run-1</c> by default.</summary>
    public string RunId { get; init; } = "run-1";

    /// <summary>The key of the step; <c>step</c> by default.</summary>
    public string StepKey { get; init; } = "step";

    /// <summary>The attempt number; 1 by default.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The idempotency key; <c>run-1:step</c> by default.</summary>
    public string IdempotencyKey { get; init; } = "run-1:step";

    /// <summary>The clock. By default, it stands at 1 January 2026, 00:00 UTC, until the test advances it.</summary>
    public FakeTimeProvider Time { get; init; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Responds to the HTTP requests of the node. By default, there is no network.</summary>
    public StubHttp Http { get; init; } = new();

    /// <summary>The secrets that the config of the step refers to; none by default.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Records the replies of the node.</summary>
    public RecordingResponder Responder { get; init; } = new();

    /// <summary>Records the log lines of the node.</summary>
    public RecordingLogger Logger { get; init; } = new();

    /// <summary>What woke the step; null by default, as in a first call.</summary>
    public Wake? Wake { get; init; }

    /// <summary>Creates the context of one call.</summary>
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
    /// <param name="config">The config, as JSON.</param>
    /// <param name="cancellationToken">The token that the node gets.</param>
    /// <exception cref="Exception">The node threw an exception.</exception>
    public async Task<NodeOutcome> RunAsync(INode node, string config, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        return NodeOutcome.Of(await node.RunAsync(Encoding.UTF8.GetBytes(config), NewContext(), cancellationToken));
    }
}
