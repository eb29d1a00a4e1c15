using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Publishing;
using Sluice.Host.Listening;
using Sluice.Host.Webhooks.AsyncReplies;
using Sluice.Host.Webhooks.Bodies;
using Sluice.Host.Webhooks.Gates;

namespace Sluice.Host.Webhooks;

/// <summary>A request as it arrived, with what it holds until it is answered. What the gates find out is in the stages of <see cref="GateChain"/>.</summary>
/// <param name="http">The exchange.</param>
/// <param name="workflow">The workflow that its method and path belong to.</param>
/// <param name="parameters">The parameters of the path.</param>
/// <param name="share">The memory that its body takes.</param>
internal sealed class WebhookRequest(HttpContext http, LiveWorkflow workflow, IReadOnlyList<KeyValuePair<string, string>> parameters, BodyShare share) : IDisposable
{
    private List<IDisposable>? _held;
    private readonly ConnectionPlace? _connection = UseOf(http.Features.Get<ConnectionPlace>());
    private bool _isConnectionKept;
    private bool _isShareHandedOver;

    public HttpContext Http => http;

    /// <summary>The caller's connection; null if the exchange has none of the listener's.</summary>
    public ConnectionPlace? Connection => _connection;

    public LiveWorkflow Workflow => workflow;

    public WebhookTrigger Trigger { get; } = workflow.Compiled.Webhook!;

    public IReadOnlyList<KeyValuePair<string, string>> Parameters => parameters;

    /// <summary>How long the caller waits for a reply.</summary>
    public TimeSpan Deadline { get; init; }

    /// <summary>What the caller prefers of waiting; null where it says nothing of it.</summary>
    public Preference? Preference { get; init; }

    /// <summary>The memory that the body takes.</summary>
    public BodyShare Share => share;

    /// <summary>
    /// Keeps the connection open until <see cref="ReleaseConnection"/>; false if it was closed to make room for another. From here the caller waits for the
    /// host; before, the host waits for the caller's body.
    /// </summary>
    public bool TryKeepConnection() => _connection is null || (_isConnectionKept |= _connection.TryProtect());

    /// <summary>Lets the connection be closed for another: the caller is answered.</summary>
    public void ReleaseConnection()
    {
        if (_isConnectionKept)
        {
            _isConnectionKept = false;
            _connection!.Release();
        }
    }

    /// <summary>Has something go when the request goes.</summary>
    public T Hold<T>(T resource)
        where T : IDisposable
    {
        (_held ??= []).Add(resource);
        return resource;
    }

    /// <summary>Has the run hold the memory of the body that it has of this request, until it lets go of it.</summary>
    public void HandOver(in ParsedData parsed)
    {
        share.ShrinkTo(Math.Max(parsed.HeldBytes, parsed.Data.BodyBytes.Length));
        _isShareHandedOver = true;
        parsed.Data.Memory = share;
    }

    /// <summary>Lets go of what lies on the disk, and in memory unless a run has it: before the caller is answered, and as soon as the run has begun.</summary>
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
