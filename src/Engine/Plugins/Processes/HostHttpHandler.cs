using System.Net;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Processes;

/// <summary>
/// The HTTP client of one call in the child: the host sends each request with its guarded client. Bodies are transferred as a whole.
/// </summary>
internal sealed class HostHttpHandler(HostCalls host, long call) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? null : await request.Content.ReadAsByteArrayAsync(CancellationToken.None);
        if (body?.Length > WireHttp.MaxBodyBytes)
        {
            throw new HttpRequestException($"The request's body has {body.Length} bytes; at most {WireHttp.MaxBodyBytes} travel out of a plugin's process.");
        }

        var wire = new WireRequest(
            request.Method.Method, request.RequestUri!.AbsoluteUri, request.Version.ToString(), WireHttp.Pairs(request.Headers),
            request.Content is null ? [] : WireHttp.Pairs(request.Content.Headers), body, cancellationToken.IsCancellationRequested);
        var answer = await host.SendAsync(call, wire, cancellationToken);
        if (answer.Error is not null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw answer.IsNotAllowed
                ? new AddressNotAllowedException(answer.Error)
                : new HttpRequestException((HttpRequestError)answer.ErrorKind, answer.Error);
        }

        var response = new HttpResponseMessage((HttpStatusCode)answer.Status)
        {
            ReasonPhrase = answer.Reason,
            RequestMessage = request,
            Content = new ByteArrayContent(answer.Body),
        };
        WireHttp.Add(response.Headers, answer.Headers);
        WireHttp.Add(response.Content.Headers, answer.ContentHeaders);
        return response;
    }
}
