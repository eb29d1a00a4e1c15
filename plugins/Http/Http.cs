using System.Net;
using System.Text.Json;
using Sluice.Sdk;

namespace Sluice.Plugins.Http;

/// <summary>Calls an HTTP API.</summary>
[Node("http", Name = "HTTP request", Category = "HTTP",
    Summary = "Sends an HTTP request and returns the response. Private addresses need the operator's permission; metadata addresses are always rejected.")]
[NodeExample("Get JSON", """{"url":"https://api.example.com/orders/42"}""", NeedsNetwork = true)]
[NodeExample("Post JSON", """{"method":"POST","url":"https://api.example.com/orders","headers":{"Authorization":"Bearer abc"},"body":{"id":42}}""",
    NeedsNetwork = true)]
[NodeExample("Accept a 404", """{"url":"https://api.example.com/orders/43","expect_status":["2xx",404],"timeout":"5s"}""", NeedsNetwork = true)]
public sealed class Http() : Node<HttpConfig, HttpOutput>(Json.Default)
{
    private const string RefusedByHost = "Refused by the host:";

    /// <inheritdoc/>
    protected override IReadOnlyList<ConfigProblem> Check(HttpConfig config) => HttpRules.Check(config);

    /// <inheritdoc/>
    protected override async ValueTask<NodeResult<HttpOutput>> RunAsync(HttpConfig config, NodeContext context, CancellationToken cancellationToken)
    {
        var timeout = config.Timeout ?? HttpRules.DefaultTimeout;
        using var timer = new CancellationTokenSource(timeout, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        var call = new HttpCall(config, context);
        try
        {
            using var response = await call.SendAsync(either.Token);
            return await ReadAsync(config, call, response, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Not the timer's: the host gives up on a connection that is not there in its own time.
            var what = timer.IsCancellationRequested ? $"took longer than {timeout.TotalSeconds:0.###} s" : "could not be connected to in time";
            return new NodeFailure(FailureKind.Timeout, $"{call.Name} {what}.", Retryable: true);
        }
        catch (HttpRequestException refused) when (Refusal(refused) is { } message)
        {
            return new NodeFailure(FailureKind.Refused, $"{call.Name}: {message}");
        }
        catch (HttpRequestException unreachable)
        {
            return new NodeFailure(FailureKind.Unavailable, $"{call.Name} could not be reached: {Reason(unreachable)}.", Retryable: true);
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException)
        {
            return new NodeFailure(FailureKind.Unavailable, $"{call.Name} broke off its answer, or it was badly compressed.", Retryable: true);
        }
    }

    private static async ValueTask<NodeResult<HttpOutput>> ReadAsync(
        HttpConfig config, HttpCall call, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (call.Stopped is { } stopped)
        {
            return new NodeFailure(FailureKind.Refused, stopped);
        }

        var (body, tooLarge) = await HttpBody.ReadAsync(response.Content, cancellationToken);
        if (tooLarge)
        {
            return new NodeFailure(FailureKind.Refused, $"{call.Name} answered with more than {HttpBody.Limit / 1_000_000} MB.");
        }

        var status = (int)response.StatusCode;
        if (StatusSet.Parse(config.ExpectStatus, out var expected, out _) && !expected.Contains(status))
        {
            var transient = status is 408 or 425 or 429 or >= 500;
            return new NodeFailure(
                transient ? FailureKind.Unavailable : FailureKind.Refused,
                $"{call.Name} answered {status} {response.ReasonPhrase}; expected {expected}.",
                transient);
        }

        return new HttpOutput(status, HeadersOf(response), body);
    }

    private static OrderedDictionary<string, string> HeadersOf(HttpResponseMessage response)
    {
        var headers = new OrderedDictionary<string, string>();
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
#pragma warning disable CA1308 // Header names are lower case in Sluice, as in HTTP/2.
            headers[name.ToLowerInvariant()] = string.Join(", ", values);
#pragma warning restore CA1308
        }

        return headers;
    }

    // The host's guard speaks through the message, at whatever depth the client wrapped it.
    private static string? Refusal(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception.Message.StartsWith(RefusedByHost, StringComparison.Ordinal))
            {
                return exception.Message;
            }
        }

        return null;
    }

    // The client's own messages may hold the address with its query, so only the kind of error is passed on.
    private static string Reason(HttpRequestException exception) => exception.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "its name is not known",
        HttpRequestError.ConnectionError => "no connection",
        HttpRequestError.SecureConnectionError => "no secure connection; its certificate may not be valid",
        HttpRequestError.ResponseEnded => "it hung up before it had answered",
        HttpRequestError.Unknown => exception.StatusCode is HttpStatusCode status ? $"status {(int)status}" : "no connection",
        var other => other.ToString(),
    };
}
