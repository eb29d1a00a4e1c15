using System.Text.Json;
using StreamJsonRpc;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>Creates the JSON-RPC connections of both ends: length-prefixed messages with System.Text.Json.</summary>
internal static class WireStream
{
    /// <summary>Creates a connection that is not listening yet.</summary>
    /// <param name="stream">A socket's stream; disposed with the connection.</param>
    /// <param name="target">The object whose public methods the other end may call.</param>
    public static JsonRpc Over(Stream stream, object target)
    {
        var formatter = new SystemTextJsonFormatter { JsonSerializerOptions = new JsonSerializerOptions(JsonSerializerOptions.Default) };
        var rpc = new JsonRpc(new LengthHeaderMessageHandler(stream, stream, formatter));
        rpc.AddLocalRpcTarget(target, new JsonRpcTargetOptions { AllowNonPublicInvocation = false });
        return rpc;
    }
}
