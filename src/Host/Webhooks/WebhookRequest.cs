using Sluice.Engine.Blobs;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Execution;
using Sluice.Engine.Publishing;
using Sluice.Engine.Triggers;
using Sluice.Host.Listening;
using Sluice.Host.Webhooks.Bodies;
using Sluice.Host.Webhooks.Later;

namespace Sluice.Host.Webhooks;

/// <summary>A request on its way through the gates: what is known of it so far.</summary>
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

    /// <summary>
    /// Who sent it, as far as its verifier tells senders apart: a user, a key by its name, the subject of a token. Null until it is verified, and where
    /// the trigger has no <c>auth</c>.
    /// </summary>
    public string? Identity { get; set; }

    /// <summary>The header of a credential that was verified, and is masked since; null where there is none.</summary>
    public string? MaskedHeader { get; set; }

    /// <summary>The place of the delivery's key; null where it has none. Taken by <see cref="Gates.RepeatGate"/>.</summary>
    public ClaimPlace? Place { get; set; }

    /// <summary>
    /// The body's bytes as they came over the wire; read by <see cref="Gates.BodyGate"/>. Those of a large body lie in a file that goes with the request:
    /// nobody looks at them once the request is refused or its run has begun.
    /// </summary>
    public ReadOnlyMemory<byte> Body { get; set; }

    /// <summary>The memory that the body takes.</summary>
    public BodyShare Share => share;

    /// <summary>The memory that the parsed body takes as long as its run holds it.</summary>
    public long HeldBytes { get; set; }

    /// <summary>What the run will start from; made by <see cref="Gates.ParseGate"/>.</summary>
    public TriggerData? Data { get; set; }

    /// <summary>The files that came along, to be kept before the run starts; null where none did.</summary>
    public BlobUpload? Upload { get; set; }

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
    public TriggerData HandOver()
    {
        var data = Data ?? throw new InvalidOperationException("The request has not been parsed yet.");
        share.ShrinkTo(Math.Max(HeldBytes, data.BodyBytes.Length));
        _isShareHandedOver = true;
        data.Memory = share;
        return data;
    }

    /// <summary>Lets go of what lies on the disk, and in memory unless a run has it: before the caller is answered, and as soon as the run has begun.</summary>
    public void Dispose()
    {
        if (!_isShareHandedOver)
        {
            share.Dispose();
        }

        Body = default;
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
