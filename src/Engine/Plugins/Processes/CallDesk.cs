using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>
/// The host's end of the connection: gives each active call access to the parts of its context that can't be serialized. The child may call
/// its public methods.
/// </summary>
internal sealed class CallDesk
{
    private readonly ConcurrentDictionary<long, NodeContext> _calls = new();
    private long _lastCall;

    /// <summary>The number of active calls.</summary>
    internal int Count => _calls.Count;

    internal long Open(NodeContext context)
    {
        var call = Interlocked.Increment(ref _lastCall);
        _calls[call] = context;
        return call;
    }

    internal void Close(long call) => _calls.TryRemove(call, out _);

    public void Log(long call, WireLogLine line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (_calls.TryGetValue(call, out var context))
        {
            var exception = line.Exception is null ? null : new PluginProcessException(line.Exception);
            context.Logger.Log((LogLevel)line.Level, new EventId(line.EventId), line.Message, exception, static (message, _) => message);
        }
    }

    public async Task<WireReceipt> ReplyAsync(long call, WireReply reply, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (!_calls.TryGetValue(call, out var context))
        {
            return new WireReceipt(false, "The call that replied is over.");
        }

        try
        {
            var receipt = await context.Responder.ReplyAsync(
                new Reply(reply.Status, reply.Body) { Blob = reply.Blob, ContentType = reply.ContentType, Headers = reply.Headers, Sandbox = reply.Sandbox },
                Token(reply.IsCancelled, cancellationToken));
            return new WireReceipt(receipt.Sent, receipt.Reason);
        }
        catch (ReplyRefusedException refused)
        {
            return new WireReceipt(false, null, Refused: refused.Message);
        }
        catch (Exception exception)
        {
            return new WireReceipt(false, null, Fault: exception.Message);
        }
    }

    public async Task<WireResponse> SendAsync(long call, WireRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!_calls.TryGetValue(call, out var context))
        {
            return new WireResponse { Error = "The call that sent the request is over." };
        }

        try
        {
            using var message = WireHttp.ToMessage(request);
            using var response = await context.Http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, Token(request.IsCancelled, cancellationToken));
            return await WireHttp.ReadAsync(response, cancellationToken);
        }
        catch (Exception exception)
        {
            return new WireResponse
            {
                Error = exception.Message,
                ErrorKind = (int)((exception as HttpRequestException)?.HttpRequestError ?? HttpRequestError.Unknown),
                IsNotAllowed = exception is AddressNotAllowedException,
            };
        }
    }

    private static CancellationToken Token(bool isCancelled, CancellationToken token) => isCancelled ? new CancellationToken(canceled: true) : token;
}
