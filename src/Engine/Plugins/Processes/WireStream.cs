using System.Text.Json;
using StreamJsonRpc;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>JSON-RPC over a stream as both ends speak it: length-prefixed messages, System.Text.Json.</summary>
internal static class WireStream
{
    /// <summary>A connection that is not listening yet.</summary>
    /// <param name="stream">A socket's stream; goes with the connection.</param>
    /// <param name="target">Whose public methods the other end may call.</param>
    public static JsonRpc Over(Stream stream, object target)
    {
        var formatter = new SystemTextJsonFormatter { JsonSerializerOptions = new JsonSerializerOptions(JsonSerializerOptions.Default) };
        var rpc = new JsonRpc(new LengthHeaderMessageHandler(stream, stream, formatter));
        rpc.AddLocalRpcTarget(target, new JsonRpcTargetOptions { AllowNonPublicInvocation = false });
        return rpc;
    }
}
