using StreamJsonRpc;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>The child's requests to the host; <see cref="CallDesk"/> is the other end.</summary>
internal sealed class HostCalls
{
    /// <summary>The connection; set before the first call can arrive.</summary>
    public JsonRpc Connection { private get; set; } = null!;

    public Task LogAsync(long call, WireLogLine line) => Connection.InvokeAsync(nameof(CallDesk.Log), call, line);

    public Task<WireReceipt> ReplyAsync(long call, WireReply reply, CancellationToken cancellationToken) =>
        Connection.InvokeWithCancellationAsync<WireReceipt>(nameof(CallDesk.ReplyAsync), [call, reply], Live(cancellationToken));

    public Task<WireResponse> SendAsync(long call, WireRequest request, CancellationToken cancellationToken) =>
        Connection.InvokeWithCancellationAsync<WireResponse>(nameof(CallDesk.SendAsync), [call, request], Live(cancellationToken));

    // A call with a cancelled token would not be sent at all; so the host receives it and handles the cancellation itself.
    private static CancellationToken Live(CancellationToken token) => token.IsCancellationRequested ? CancellationToken.None : token;
}
