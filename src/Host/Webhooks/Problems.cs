using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Triggers;
using Sluice.Host.Webhooks.Bodies;

namespace Sluice.Host.Webhooks;

/// <summary>Every problem that a webhook can return. Each has a row in docs/reference/webhook-responses.md.</summary>
internal static class Problems
{
    public static readonly HttpProblem NotFound = new(404, "no-webhook", "No such webhook",
        "No live workflow has this path. Check the path, and that the workflow is published and enabled.");

    public static readonly HttpProblem NothingHere = new(404, "not-found", "Not found",
        "This address serves webhooks below /hooks. The admin API has its own address, Admin:Urls.");

    public static readonly HttpProblem Unauthorized = new(401, "unauthorized", "Not verified",
        "The sender could not be verified. Check the credentials or the signature.");

    public static readonly HttpProblem Forbidden = new(403, "forbidden", "Not allowed", "This caller is not allowed to use this webhook.");

    public static readonly HttpProblem NotVerifiable = new(503, "not-verifiable", "The request could not be verified",
        "The host cannot verify senders at the moment. Send the request again later.")
    { RetryAfterSeconds = 30 };

    public static readonly HttpProblem BrokenRequest = new(400, "broken-request", "Malformed request",
        "The body is not valid HTTP: its chunks are malformed, or it ended before its length.");

    public static readonly HttpProblem TooSlow = new(408, "too-slow", "Too slow",
        "The body arrived too slowly or stopped arriving. Send the request again.");

    public static readonly HttpProblem RunFailed = new(500, "run-failed", "The run failed",
        "The workflow failed before it replied. The run shows the step and the reason.");

    public static readonly HttpProblem UnusableRequest = new(422, "unusable-request", "The request cannot be processed",
        "The request contains a value that the workflow cannot use, such as a line break in a header. The run or the host's log has the details.");

    public static readonly HttpProblem FileGone = new(500, "file-gone", "File deleted",
        "The workflow replied with a file that has since been deleted.");

    public static readonly HttpProblem RunCancelled = new(500, "run-cancelled", "The run was cancelled",
        "The run was cancelled before it replied.");

    public static readonly HttpProblem ConditionFailed = new(500, "condition-failed", "Condition failed",
        "The condition of the trigger could not be evaluated for this request, so no run started. The host's log has the reason.");

    public static readonly HttpProblem DeadlinePassed = new(504, "deadline-passed", "No reply in time",
        "The workflow did not reply before the deadline. The run continues.");

    public static readonly HttpProblem Stopping = new(503, "stopping", "The host is stopping",
        "The host stopped before this run replied. The run continues at the next start.")
    { RetryAfterSeconds = 5 };

    public static readonly HttpProblem Draining = new(503, "draining", "The host is draining",
        "The host accepts no new requests because it is stopping. Send the request again in a moment.")
    { RetryAfterSeconds = 5 };

    public static readonly HttpProblem TooManyRuns = new(503, "too-many-runs", "Too many runs",
        "The host has reached its limit of active runs. Send the request again in a moment.")
    { RetryAfterSeconds = 1 };

    public static readonly HttpProblem AmbiguousLength = new(400, "ambiguous-length", "Ambiguous length",
        "The length of the request is ambiguous. Send either Content-Length, or Transfer-Encoding: chunked over HTTP/1.1.")
    { Hint = new("Connection", "close") };

    public static readonly HttpProblem TooManyConnections = new(503, "too-many-connections", "Too many connections",
        "The host has reached its limit of connections. Send the request again in a moment.")
    { RetryAfterSeconds = 1 };

    public static readonly HttpProblem TooManyBytes = new(503, "too-many-bytes", "Memory limit reached",
        "The bodies of requests and active runs have reached their memory limit. Send the request again in a moment.")
    { RetryAfterSeconds = 1 };

    public static readonly HttpProblem TooManyRunsOfWorkflow = new(503, "workflow-busy", "The workflow is busy",
        "The workflow has reached its limit of active runs. Send the request again in a moment.")
    { RetryAfterSeconds = 1 };

    public static readonly HttpProblem NotDurable = new(503, "not-durable", "The request could not be stored",
        "The host cannot store anything at the moment, so it did not accept the request. Send it again later.")
    { RetryAfterSeconds = 5 };

    public static HttpProblem InvalidRequest(IReadOnlyList<RequestError> errors) => new(422, "invalid-request", "Invalid request",
        "The request does not match the schema of this webhook. See errors for the parts and JSON Pointers.")
    { Errors = errors };

    public static HttpProblem RateLimited(int retryAfterSeconds) => new(429, "rate-limited", "Rate limit exceeded",
        "The rate limit of this webhook is exceeded. Send the request again later.")
    { RetryAfterSeconds = retryAfterSeconds };

    public static readonly HttpProblem BadKey = new(400, "bad-idempotency-key", "Invalid idempotency key",
        "The header Idempotency-Key must be one non-empty string in double quotes: Idempotency-Key: \"8e03978e-40d5-43dd-bc93-6894a57f9324\".");

    public static readonly HttpProblem KeyFailed = new(500, "idempotency-key-failed", "Idempotency key failed",
        "The trigger's expression for the idempotency key could not be evaluated for this request, so no run started. The host's log has the reason.");

    public static readonly HttpProblem KeyReused = new(422, "idempotency-key-reused", "Idempotency key already used",
        "Another payload has already used this idempotency key. Send this one with a new key.");

    public static readonly HttpProblem ReplyNotKept = new(500, "reply-not-kept", "Reply not stored",
        "The reply contained a secret. Secrets are not stored, so only the caller that waited could get the reply.");

    public static readonly HttpProblem NoStatus = new(404, "no-status", "Not found",
        "There is no run with this ID and token. Use the address in the Location header of the response to your request.");

    public static readonly HttpProblem StatusMethod = new(405, "method-not-allowed", "Method not allowed", "The status of a run supports GET and HEAD.");

    public static readonly HttpProblem NotReadable = new(503, "not-readable", "The run could not be read",
        "The host cannot read its journal at the moment. Try again later.")
    { RetryAfterSeconds = 5 };

    public static HttpProblem KeyMissing(IdempotencySettings settings) => new(400, "idempotency-key-missing", "Idempotency key missing",
        $"This webhook requires an idempotency key{Where(settings)}.");

    private static string Where(IdempotencySettings settings) => settings.Sources.IsEmpty
        ? ""
        : $": {string.Join(", or ", settings.Sources.Select(source => source.Header is { } header ? $"the header {header}" : $"\"{source.BodyMember}\" in the JSON body"))}";

    /// <summary>Retry after the interval at which the plugins directory is polled.</summary>
    public static HttpProblem Held(string reason) => new(503, "held", "The workflow is held", reason) { RetryAfterSeconds = 10 };

    public static HttpProblem MethodNotAllowed(IEnumerable<string> allowed) => new(405, "method-not-allowed", "Method not allowed",
        $"This webhook accepts {string.Join(", ", allowed)}.");

    public static HttpProblem BadBody(string detail) => new(400, "not-parsable", "Not parsable", detail);

    public static HttpProblem TooLarge(long limit) => new(413, "too-large", "Too large",
        $"The body may have at most {limit} bytes.");

    public static HttpProblem TooMuch(string detail) => new(413, "too-large", "Too large", detail);

    /// <summary>RFC 9110, section 15.5.16: <c>Accept</c> lists the supported types.</summary>
    public static HttpProblem NotAccepted(string? contentType, IReadOnlyCollection<string> accepted) =>
        UnsupportedType($"This webhook does not accept {(contentType is null ? "a body without a content type" : $"\"{contentType}\"")}. It accepts {string.Join(", ", accepted)}.")
            with
        { Hint = new("Accept", string.Join(", ", accepted)) };

    /// <summary>RFC 9110, section 12.5.3: <c>Accept-Encoding</c> lists the supported encodings.</summary>
    public static HttpProblem UnsupportedCoding(string detail) => UnsupportedType(detail) with { Hint = new("Accept-Encoding", ContentCodings.Known) };

    public static HttpProblem UnsupportedType(string detail) => new(415, "unsupported-type", "Unsupported type", detail);

    public static HttpProblem Of(BadHttpRequestException broken) => broken switch
    {
        BodyCutOffException => BrokenRequest with { Detail = $"{broken.Message} Send all of it before the end of the connection.", Hint = new("Connection", "close") },
        { StatusCode: StatusCodes.Status408RequestTimeout } => TooSlow,
        _ => BrokenRequest,
    };

    public static HttpProblem Of(BodyFault fault, string detail) =>
        fault == BodyFault.UnsupportedType ? UnsupportedType(detail) : BadBody(detail);
}
