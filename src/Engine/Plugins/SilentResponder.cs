using Sluice.Sdk;

namespace Sluice.Engine.Plugins;

/// <summary>The responder of every node that does not declare <see cref="Effect.Reply"/>.</summary>
internal sealed class SilentResponder : IResponder
{
    public static readonly SilentResponder Instance = new();

    public ValueTask<ReplyReceipt> ReplyAsync(Reply reply, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new ReplyReceipt(false, "This node does not declare Effect.Reply, so no caller waits for it."));
}
