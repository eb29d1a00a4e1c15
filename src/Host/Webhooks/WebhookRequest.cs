using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Publishing;
using Sluice.Host.Listening;
using Sluice.Host.Webhooks.AsyncReplies;
using Sluice.Host.Webhooks.Bodies;
using Sluice.Host.Webhooks.Gates;

namespace Sluice.Host.Webhooks;

/// <summary>
/// A request with what it holds until its response. The results of the gates are in the stages of <see cref="GateChain"/>.
/// </summary>
/// <param name="http">The exchange.</param>
/// <param name="workflow">The workflow for its method and path.</param>
/// <param name="parameters">The path parameters.</param>
/// <param name="share">The share of memory for its body.</param>
internal sealed class WebhookRequest(HttpContext http, LiveWorkflow workflow, IReadOnlyList<KeyValuePair<string, string>> parameters, BodyShare share) : IDisposable
{
    private List<IDisposable>? _held;
    private readonly ConnectionPlace? _connection = UseOf(http.Features.Get<ConnectionPlace>());
    private bool _isConnectionKept;
    private bool _isShareHandedOver;

    public HttpContext Http => http;

    /// <summary>The caller's connection; null if it is not one of the listener's.</summary>
    public ConnectionPlace? Connection => _connection;

    public LiveWorkflow Workflow => workflow;

    public WebhookTrigger Trigger { get; } = workflow.Compiled.Webhook!;

    public IReadOnlyList<KeyValuePair<string, string>> Parameters => parameters;

    /// <summary>How long the caller waits for a reply.</summary>
    public TimeSpan Deadline { get; init; }

    /// <summary>The caller's waiting preference; null if it has none.</summary>
    public Preference? Preference { get; init; }

    /// <summary>The share of memory for the body.</summary>
    public BodyShare Share => share;

    /// <summary>
    /// Keeps the connection open until <see cref="ReleaseConnection"/>; false if it was closed to make room for another. From here the
    /// caller waits for the host; before, the host waits for the caller's body.
    /// </summary>
    public bool TryKeepConnection() => _connection is null || (_isConnectionKept |= _connection.TryProtect());

    /// <summary>Allows the connection to be closed for another: the caller has its response.</summary>
    public void ReleaseConnection()
    {
        if (_isConnectionKept)
        {
            _isConnectionKept = false;
            _connection!.Release();
        }
    }

    /// <summary>Registers something to be disposed with the request.</summary>
    public T Hold<T>(T resource)
        where T : IDisposable
    {
        (_held ??= []).Add(resource);
        return resource;
    }

    /// <summary>Passes the memory of the body on to the run, which holds it until it releases the body.</summary>
    public void HandOver(in ParsedData parsed)
    {
        share.ShrinkTo(Math.Max(parsed.HeldBytes, parsed.Data.BodyBytes.Length));
        _isShareHandedOver = true;
        parsed.Data.Memory = share;
    }

    /// <summary>Releases files, and memory unless a run holds it: before the response, and as soon as the run has started.</summary>
    public void Dispose()
    {
        if (!_isShareHandedOver)
        {
            share.Dispose();
        }

        share.EndTurn();
        _held?.ForEach(resource => resource.Dispose());
        _held = null;
    }

    private static ConnectionPlace? UseOf(ConnectionPlace? place)
    {
        place?.Use();
        return place;
    }
}
