using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Text;

namespace Sluice.Sdk.Testing;

/// <summary>Responds to the HTTP requests of a node in a test, and records them.</summary>
/// <param name="answer">Returns the response to a request. By default, every request fails, as without a network.</param>
public sealed class StubHttp(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>? answer = null)
{
    private readonly ConcurrentQueue<StubRequest> _requests = new();
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Initializes a stub with a synchronous function.</summary>
    /// <param name="answer">Returns the response to a request.</param>
    public StubHttp(Func<HttpRequestMessage, HttpResponseMessage> answer)
        : this((request, _) => Task.FromResult(answer(request)))
    {
    }

    /// <summary>The recorded requests, in order.</summary>
    public ImmutableArray<StubRequest> Requests => [.. _requests];

    /// <summary>Creates a stub that sends the same JSON response to every request.</summary>
    /// <param name="status">The status.</param>
    /// <param name="json">The body, as JSON.</param>
    public static StubHttp Json(HttpStatusCode status, string json) =>
        new(_ => new HttpResponseMessage(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") });

    /// <summary>Creates a stub that never responds. A request ends when it is cancelled.</summary>
    public static StubHttp Silent() => new(async (_, cancellationToken) =>
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        throw new OperationCanceledException(cancellationToken);
    });

    /// <summary>Completes with the first request, before it is recorded.</summary>
    internal Task Asked => _asked.Task;

    /// <summary>Creates a client like the one of the host: without redirects, cookies and a timeout.</summary>
    internal HttpClient NewClient() => new(new Handler(this)) { Timeout = Timeout.InfiniteTimeSpan };

    private sealed class Handler(StubHttp stub) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            stub._asked.TrySetResult();
            stub._requests.Enqueue(await StubRequest.OfAsync(request, cancellationToken));
            var response = stub.Answer is { } answer
                ? await answer(request, cancellationToken)
                : throw new HttpRequestException(HttpRequestError.ConnectionError, "Tests have no network. Set NodeEnvironment.Http to respond to this request.");
            response.RequestMessage ??= request;
            return response;
        }
    }

    private Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>? Answer { get; } = answer;
}

/// <summary>A recorded request of a node.</summary>
/// <param name="Method">The method, in upper case.</param>
/// <param name="Address">The address.</param>
/// <param name="Headers">The headers, including those of the body. Several values of one name are joined with <c>, </c>. Names are case-insensitive.</param>
/// <param name="Body">The body, as a string; empty if there is none.</param>
public sealed record StubRequest(string Method, Uri Address, IReadOnlyDictionary<string, string> Headers, string Body)
{
    internal static async Task<StubRequest> OfAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var headers = request.Headers.NonValidated.ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in request.Content is null ? [] : request.Content.Headers.NonValidated.ToArray())
        {
            headers[name] = string.Join(", ", values);
        }

        return new StubRequest(request.Method.Method, request.RequestUri!, headers, body);
    }
}
