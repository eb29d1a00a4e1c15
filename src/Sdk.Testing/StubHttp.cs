using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Text;

namespace Sluice.Sdk.Testing;

/// <summary>Answers the HTTP requests of a node from the test, and records them.</summary>
/// <param name="answer">Gives the answer to each request; by default every request fails, as where there is no network.</param>
public sealed class StubHttp(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>? answer = null)
{
    private readonly ConcurrentQueue<StubRequest> _requests = new();
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Answers each request from a function that needs not wait.</summary>
    public StubHttp(Func<HttpRequestMessage, HttpResponseMessage> answer)
        : this((request, _) => Task.FromResult(answer(request)))
    {
    }

    /// <summary>The requests so far, in order.</summary>
    public ImmutableArray<StubRequest> Requests => [.. _requests];

    /// <summary>Answers each request alike, with a JSON body.</summary>
    /// <param name="status">The status.</param>
    /// <param name="json">The body, as JSON text.</param>
    public static StubHttp Json(HttpStatusCode status, string json) =>
        new(_ => new HttpResponseMessage(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") });

    /// <summary>Never answers; ends when the request is cancelled.</summary>
    public static StubHttp Silent() => new(async (_, cancellationToken) =>
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        throw new OperationCanceledException(cancellationToken);
    });

    /// <summary>Done as soon as a request is on its way, before it is recorded.</summary>
    internal Task Asked => _asked.Task;

    /// <summary>A client like the host's: no redirects, no cookies, no timeout of its own.</summary>
    internal HttpClient NewClient() => new(new Handler(this)) { Timeout = Timeout.InfiniteTimeSpan };

    private sealed class Handler(StubHttp stub) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            stub._asked.TrySetResult();
            stub._requests.Enqueue(await StubRequest.OfAsync(request, cancellationToken));
            var response = stub.Answer is { } answer
                ? await answer(request, cancellationToken)
                : throw new HttpRequestException(HttpRequestError.ConnectionError, "There is no network in a test; give NodeEnvironment.Http an answer.");
            response.RequestMessage ??= request;
            return response;
        }
    }

    private Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>>? Answer { get; } = answer;
}

/// <summary>A request that a node sent.</summary>
/// <param name="Method">The method, upper case.</param>
/// <param name="Address">The address.</param>
/// <param name="Headers">The headers, those of the body included; several values of one name joined with <c>, </c>. Names are matched in any case.</param>
/// <param name="Body">The body as text; empty where there is none.</param>
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
