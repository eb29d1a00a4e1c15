using System.Buffers;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Sdk;

namespace Sluice.Plugins.Http;

/// <summary>Sends an HTTP request and returns the response.</summary>
[Node("http", Name = "HTTP request", Category = "HTTP",
    Summary = "Sends an HTTP request and returns the response. Private addresses need the operator's permission; metadata addresses are always rejected.")]
public sealed class Http() : Node<HttpConfig, HttpOutput>(HttpJson.Default)
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(10);

    // RFC 9110, section 5.6.2.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly string[] HostHeaders = ["Host", "Content-Length", "Transfer-Encoding", "Connection"];

    /// <inheritdoc/>
    protected override IReadOnlyList<Example> Examples =>
    [
        new("Get JSON", new("https://api.example.com/orders/42")) { NeedsNetwork = true },
        new(
            "Post JSON",
            new(
                "https://api.example.com/orders", "POST", Headers: new() { ["Authorization"] = "Bearer abc" },
                Body: JsonElement.Parse("""{"id":42}""")))
        {
            NeedsNetwork = true,
        },
        new(
            "Accept a 404",
            new(
                "https://api.example.com/orders/43", Timeout: TimeSpan.FromSeconds(5),
                ExpectStatus: JsonElement.Parse("""["2xx",404]""")))
        {
            NeedsNetwork = true,
        },
    ];

    /// <inheritdoc/>
    protected override IReadOnlyList<ConfigProblem> Check(HttpConfig config)
    {
        List<ConfigProblem> problems = [];
        AddIf(AddressProblem(config.Url), "url");
        AddIf(IsToken(config.Method) ? null : "This is not an HTTP method. Use one such as `GET` or `POST`.", "method");
        foreach (var (name, value) in config.Headers ?? [])
        {
            AddIf(HeaderProblem(name, value), $"headers.{name}");
        }

        foreach (var (name, value) in config.Query ?? [])
        {
            AddIf(
                IsQueryValue(value, listAllowed: true) ? null : "A query value must be a string, a number, a boolean, null, or a list of these.",
                $"query.{name}");
        }

        AddIf(config is { Body: not null, Form: not null } ? "A request has only one body. Set `body` or `form`, not both." : null, "form");
        AddIf(
            config.Timeout is { } timeout && (timeout <= TimeSpan.Zero || timeout > LongestTimeout) ? "The timeout must be greater than 0 and at most 10m." : null,
            "timeout");
        AddIf(StatusSet.Parse(config.ExpectStatus, out _, out var problem) ? null : problem, "expect_status");
        return problems;

        void AddIf(string? message, string path)
        {
            if (message is not null)
            {
                problems.Add(new ConfigProblem(path, message));
            }
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask<NodeResult<HttpOutput>> RunAsync(HttpConfig config, NodeContext context, CancellationToken cancellationToken)
    {
        var timeout = config.Timeout ?? DefaultTimeout;
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
            // If the timer has not fired, the host's client gave up connecting.
            var what = timer.IsCancellationRequested ? $"took longer than {timeout.TotalSeconds:0.###} s" : "timed out while connecting";
            return new NodeFailure(FailureKind.Timeout, $"{call.Name} {what}.", Retryable: true);
        }
        catch (AddressNotAllowedException notAllowed)
        {
            return new NodeFailure(FailureKind.Refused, $"{call.Name}: {notAllowed.Message}");
        }
        catch (HttpRequestException failed)
        {
            return new NodeFailure(FailureKind.Unavailable, $"{call.Name} failed: {Reason(failed)}.", Retryable: true);
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException)
        {
            return new NodeFailure(FailureKind.Unavailable, $"{call.Name} returned a body that ends early or is compressed incorrectly.", Retryable: true);
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
            return new NodeFailure(FailureKind.Refused, $"{call.Name} returned more than {HttpBody.Limit / 1_000_000} MB.");
        }

        var status = (int)response.StatusCode;
        if (StatusSet.Parse(config.ExpectStatus, out var expected, out _) && !expected.Contains(status))
        {
            var transient = status is 408 or 425 or 429 or >= 500;
            return new NodeFailure(
                transient ? FailureKind.Unavailable : FailureKind.Refused,
                $"{call.Name} returned {status} {response.ReasonPhrase}; expected {expected}.",
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

    // Messages of the client can contain the address with its query, so a failure only says what kind of error it was.
    private static string Reason(HttpRequestException exception) => exception.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "the host name cannot be resolved",
        HttpRequestError.ConnectionError => "cannot connect",
        HttpRequestError.SecureConnectionError => "cannot establish a TLS connection; the certificate may be invalid",
        HttpRequestError.ResponseEnded => "the connection was closed before the response",
        HttpRequestError.Unknown => exception.StatusCode is HttpStatusCode status ? $"status {(int)status}" : "cannot connect",
        var other => other.ToString(),
    };

    // The message does not contain the address, which may contain a secret.
    private static string? AddressProblem(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            return "This is not an absolute http or https address. Use one such as `https://api.example.com/orders`.";
        }

        return address.UserInfo.Length > 0
            ? "The address contains a user name or password, which would show in logs. Send an `Authorization` header instead."
            : null;
    }

    private static string? HeaderProblem(string name, string value)
    {
        if (!IsToken(name))
        {
            return "This is not a header name. Use letters, digits and hyphens.";
        }

        if (HostHeaders.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            return "The host sets this header. Remove it.";
        }

        return value.AsSpan().ContainsAnyExceptInRange(' ', '~') && value.Any(c => c is not '\t' and (< ' ' or > '~'))
            ? "The value must be one line of ASCII characters. Encode all others."
            : null;
    }

    private static bool IsToken(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(TokenCharacters);

    private static bool IsQueryValue(JsonElement value, bool listAllowed) => value.ValueKind switch
    {
        JsonValueKind.Object => false,
        JsonValueKind.Array => listAllowed && value.EnumerateArray().All(item => IsQueryValue(item, listAllowed: false)),
        _ => true,
    };
}

/// <summary>The config of <see cref="Http"/>.</summary>
public sealed record HttpConfig(
    [Field("The http or https address, without user name and password. Send credentials in a header.", Example = "\"https://api.example.com/orders\"")]
    string Url,
    [Field("The HTTP method.", Example = "\"POST\"")]
    string Method = "GET",
    [Field("Request headers by name. The host sets `Host`, `Content-Length`, `Transfer-Encoding` and `Connection`. "
        + "Each attempt of the step sends the same `Idempotency-Key`, unless you set it here.",
        Example = """{"Authorization":"Bearer abc"}""")]
    OrderedDictionary<string, string>? Headers = null,
    [Field("Parameters to add to the query of `url`: strings, numbers, booleans, or lists for a repeated name. Null is omitted.",
        Example = """{"page":2,"tag":["a","b"]}""")]
    OrderedDictionary<string, JsonElement>? Query = null,
    [Field("The request body. A string is sent unchanged (`text/plain; charset=utf-8`), anything else as JSON (`application/json`). "
        + "A `Content-Type` in `headers` overrides this.", Example = """{"id":42}""")]
    JsonElement? Body = null,
    [Field("Form fields, sent as `application/x-www-form-urlencoded`. Cannot be combined with `body`.", Example = """{"grant_type":"client_credentials"}""")]
    OrderedDictionary<string, string>? Form = null,
    [Field("Timeout of the whole call, including redirects and the body; at most 10m.", Default = "\"30s\"", Example = "\"5s\"")]
    TimeSpan? Timeout = null,
    [Field("Whether to follow up to 10 redirects. A redirect to another origin drops `Authorization`, `Cookie` and every header with a secret. "
        + "Redirects from https to http are not followed.", Example = "false")]
    bool FollowRedirects = true,
    [Field("Statuses that count as success: one or a list of `200`, `\"2xx\"` or `\"200-299\"`. Any other status fails the step.",
        Default = "\"2xx\"", Example = """["2xx",404]""")]
    JsonElement? ExpectStatus = null);

/// <summary>The output of <see cref="Http"/>.</summary>
public sealed record HttpOutput(
    [Field("The HTTP status of the last response.", Example = "200")] int Status,
    [Field("The response headers. Names are in lower case; several values of one name are joined with `, `.")] OrderedDictionary<string, string> Headers,
    [Field("The body, at most 10 MB: JSON if the content type says so and it is valid, otherwise a string; null if empty.")] JsonElement? Body);

[JsonSerializable(typeof(HttpConfig))]
[JsonSerializable(typeof(HttpOutput))]
internal sealed partial class HttpJson : JsonSerializerContext;
