using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>The responder of one call in the child: forwards the reply to the host.</summary>
internal sealed class HostResponder(HostCalls host, long call) : IResponder
{
    public async ValueTask<ReplyReceipt> ReplyAsync(Reply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var wire = new WireReply(
            reply.Status, reply.Body.ToArray(), reply.ContentType, [.. reply.Headers ?? []], reply.Blob, reply.Sandbox, cancellationToken.IsCancellationRequested);
        var receipt = await host.ReplyAsync(call, wire, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return receipt switch
        {
            { Refused: { } rule } => throw new ReplyRefusedException(rule),
            { Fault: { } fault } => throw new InvalidOperationException($"The host could not take the reply: {fault}"),
            _ => new ReplyReceipt(receipt.Sent, receipt.Reason),
        };
    }
}
