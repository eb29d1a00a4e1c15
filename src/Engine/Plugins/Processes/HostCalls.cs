using StreamJsonRpc;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>What the child asks of the host; the other end is <see cref="CallDesk"/>.</summary>
internal sealed class HostCalls
{
    /// <summary>The connection; set before the first call can come in.</summary>
    public JsonRpc Connection { private get; set; } = null!;

    public Task LogAsync(long call, WireLogLine line) => Connection.InvokeAsync(nameof(CallDesk.Log), call, line);

    public Task<WireReceipt> ReplyAsync(long call, WireReply reply, CancellationToken cancellationToken) =>
        Connection.InvokeWithCancellationAsync<WireReceipt>(nameof(CallDesk.ReplyAsync), [call, reply], Live(cancellationToken));

    public Task<WireResponse> SendAsync(long call, WireRequest request, CancellationToken cancellationToken) =>
        Connection.InvokeWithCancellationAsync<WireResponse>(nameof(CallDesk.SendAsync), [call, request], Live(cancellationToken));

    // A call under a token that is cancelled already would not leave at all; the host is told, and does what it does with such a token.
    private static CancellationToken Live(CancellationToken token) => token.IsCancellationRequested ? CancellationToken.None : token;
}
