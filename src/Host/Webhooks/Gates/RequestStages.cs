using Sluice.Engine.Blobs;
using Sluice.Engine.Execution;
using Sluice.Engine.Triggers;

namespace Sluice.Host.Webhooks.Gates;

// What is known of a request after each gate that finds something out; before them all there is the WebhookRequest alone. A gate takes the stage that it
// needs, so none can run too early. Each is a struct, because a request passes them all.

/// <summary>Who sent a request.</summary>
/// <param name="Identity">
/// The sender as far as its verifier tells senders apart: a user, a key by its name, the subject of a token. Null until it is verified, and if nobody is.
/// </param>
/// <param name="MaskedHeader">The header of a credential that was verified and is masked since; null if there is none.</param>
internal readonly record struct Sender(string? Identity, string? MaskedHeader);

/// <summary>A request whose headers do not disqualify it.</summary>
/// <param name="Arrival">The request as it arrived.</param>
/// <param name="Sender">The sender, if the headers prove who it is.</param>
internal readonly record struct ScreenedRequest(WebhookRequest Arrival, Sender Sender);

/// <summary>A request with its body.</summary>
/// <param name="Arrival">The request as it arrived.</param>
/// <param name="Sender">The sender, if the headers prove who it is.</param>
/// <param name="Body">The body's bytes as they came over the wire. Those of a large body lie in a file that goes with the request.</param>
internal readonly record struct ReceivedRequest(WebhookRequest Arrival, Sender Sender, ReadOnlyMemory<byte> Body);

/// <summary>A request that its sender was verified to have sent, or whose trigger verifies nobody.</summary>
/// <param name="Arrival">The request as it arrived.</param>
/// <param name="Sender">The sender; without an identity only if nobody is verified.</param>
/// <param name="Body">The body's bytes as they came over the wire.</param>
internal readonly record struct VerifiedRequest(WebhookRequest Arrival, Sender Sender, ReadOnlyMemory<byte> Body);

/// <summary>A request that was read.</summary>
/// <param name="Verified">The request before.</param>
/// <param name="Start">What the run will start from.</param>
internal readonly record struct ParsedRequest(VerifiedRequest Verified, ParsedData Start)
{
    public WebhookRequest Arrival => Verified.Arrival;

    public TriggerData Data => Start.Data;
}

/// <summary>A request that starts a run. Without the body's bytes: nobody looks at them any more while the caller waits.</summary>
/// <param name="Arrival">The request as it arrived.</param>
/// <param name="Start">What the run will start from.</param>
/// <param name="Place">The place of the delivery's key; null if it has none.</param>
internal readonly record struct AdmittedRequest(WebhookRequest Arrival, ParsedData Start, ClaimPlace? Place);

/// <summary>What a run starts from.</summary>
/// <param name="Data">The envelope and the body.</param>
/// <param name="Upload">The files that came along, to be kept before the run starts; null if none did.</param>
/// <param name="HeldBytes">The memory that the parsed body takes as long as its run holds it.</param>
internal readonly record struct ParsedData(TriggerData Data, BlobUpload? Upload, long HeldBytes);
