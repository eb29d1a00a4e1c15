using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Triggers;
using Sluice.Host.Webhooks.Bodies;

namespace Sluice.Host.Webhooks;

/// <summary>Every problem that a caller of a webhook can be given; one row each of the published contract.</summary>
internal static class Problems
{
    public static readonly HttpProblem NotFound = new(404, "no-webhook", "No webhook here",
        "No live workflow listens to this path. Check the path, and that the workflow is published and enabled.");

    public static readonly HttpProblem NothingHere = new(404, "not-found", "Nothing here",
        "This address serves webhooks, below /hooks. The admin API has an address of its own: Admin:Urls.");

    public static readonly HttpProblem Unauthorized = new(401, "unauthorized", "Not verified",
        "This webhook takes requests from senders that it can verify, and could not verify this one.");

    public static readonly HttpProblem Forbidden = new(403, "forbidden", "Not allowed", "This caller may not use this webhook.");

    public static readonly HttpProblem NotVerifiable = new(503, "not-verifiable", "The request could not be verified",
        "The host can't verify senders now, so it has not taken this request. Send it again later.")
    { RetryAfterSeconds = 30 };

    public static readonly HttpProblem BrokenRequest = new(400, "broken-request", "A broken request",
        "The body was not sent as HTTP has it: its chunks are broken, or it ended before its length.");

    public static readonly HttpProblem TooSlow = new(408, "too-slow", "Too slow",
        "The body came too slowly, or stopped coming. Send the request again.");

    public static readonly HttpProblem RunFailed = new(500, "run-failed", "The run failed",
        "The workflow failed before it replied. The run's page says at which step and why.");

    public static readonly HttpProblem UnusableRequest = new(422, "unusable-request", "The request can't be served",
        "The request holds something that the workflow can't use, such as a line break where it goes into a header. The run's page, or the host's log, says what.");

    public static readonly HttpProblem FileGone = new(500, "file-gone", "The file is gone",
        "The workflow replied with a file of the run that is kept no longer.");

    public static readonly HttpProblem RunCancelled = new(500, "run-cancelled", "The run was cancelled",
        "The run was cancelled before it replied.");

    public static readonly HttpProblem ConditionFailed = new(500, "condition-failed", "The trigger's condition failed",
        "The workflow's trigger has a condition that could not be evaluated for this request, so no run began. The host's log says why.");

    public static readonly HttpProblem DeadlinePassed = new(504, "deadline-passed", "No reply in time",
        "The workflow did not reply before the deadline. The run continues.");

    public static readonly HttpProblem Stopping = new(503, "stopping", "The host stops",
        "The host stopped before this run replied. The run continues at the next start.")
    { RetryAfterSeconds = 5 };

    public static readonly HttpProblem Draining = new(503, "draining", "The host takes no new requests",
        "The host is stopping. Send the request again in a moment.")
    { RetryAfterSeconds = 5 };

    public static readonly HttpProblem TooManyRuns = new(503, "too-many-runs", "More than the host can take",
        "The host has as many active runs as it can take. Send the request again in a moment.")
    { RetryAfterSeconds = 1 };

    public static readonly HttpProblem AmbiguousLength = new(400, "ambiguous-length", "Ambiguous length",
        "The request can be read with two lengths. Send Content-Length alone, or Transfer-Encoding: chunked alone over HTTP/1.1.")
    { Hint = new("Connection", "close") };

    public static readonly HttpProblem TooManyConnections = new(503, "too-many-connections", "More than the host can take",
        "As many connections are open as the host takes. Send the request again in a moment.")
    { RetryAfterSeconds = 1 };

    public static readonly HttpProblem TooManyBytes = new(503, "too-many-bytes", "More than the host can take",
        "The bodies of requests and active runs take all the memory that the host gives them. Send the request again in a moment.")
    { RetryAfterSeconds = 1 };

    public static readonly HttpProblem TooManyRunsOfWorkflow = new(503, "workflow-busy", "The workflow is busy",
        "The workflow has as many active runs as it allows. Send the request again in a moment.")
    { RetryAfterSeconds = 1 };

    public static readonly HttpProblem NotDurable = new(503, "not-durable", "The request could not be stored",
        "The host can't store anything now, so it has not taken this request. Send it again later.")
    { RetryAfterSeconds = 5 };

    public static HttpProblem InvalidRequest(IReadOnlyList<RequestError> errors) => new(422, "invalid-request", "Not what this webhook takes",
        "The request does not fit the schema of this webhook; errors says where, by part of the request and JSON Pointer.")
    { Errors = errors };

    public static HttpProblem RateLimited(int retryAfterSeconds) => new(429, "rate-limited", "Too many requests",
        "More requests came than this webhook takes in their time. Send the request again later.")
    { RetryAfterSeconds = retryAfterSeconds };

    public static readonly HttpProblem BadKey = new(400, "bad-idempotency-key", "Not an idempotency key",
        "The header Idempotency-Key holds one text in double quotes that is not empty: Idempotency-Key: \"8e03978e-40d5-43dd-bc93-6894a57f9324\".");

    public static readonly HttpProblem KeyFailed = new(500, "idempotency-key-failed", "The delivery's key failed",
        "The workflow's trigger has an expression for the key of a delivery that could not be evaluated for this request, so no run began. The host's log says why.");

    public static readonly HttpProblem KeyReused = new(422, "idempotency-key-reused", "The key is used already",
        "Another payload came under this key before. A key stands for one payload: send this one under a new key.");

    public static readonly HttpProblem ReplyNotKept = new(500, "reply-not-kept", "The reply can't be given again",
        "The run replied with a secret. Secrets are not stored, so its reply can be given once only, to the caller who waited for it.");

    public static readonly HttpProblem NoStatus = new(404, "no-status", "Nothing here",
        "There is no run with this id and token. Use the address as the answer to your request gave it, in Location.");

    public static readonly HttpProblem StatusMethod = new(405, "method-not-allowed", "Not with this method", "The status of a run takes GET and HEAD.");

    public static readonly HttpProblem NotReadable = new(503, "not-readable", "The run could not be read",
        "The host can't read what it has stored now. Ask again later.")
    { RetryAfterSeconds = 5 };

    public static HttpProblem KeyMissing(IdempotencySettings settings) => new(400, "idempotency-key-missing", "The delivery has no key",
        $"This webhook takes only deliveries with a key of their own{Where(settings)}.");

    private static string Where(IdempotencySettings settings) => settings.Sources.IsEmpty
        ? ""
        : $": {string.Join(", or ", settings.Sources.Select(source => source.Header is { } header ? $"the header {header}" : $"\"{source.BodyMember}\" in the JSON body"))}";

    /// <summary>Retry after as long as the plugins directory is left alone without an event.</summary>
    public static HttpProblem Held(string reason) => new(503, "held", "The workflow is held", reason) { RetryAfterSeconds = 10 };

    public static HttpProblem MethodNotAllowed(IEnumerable<string> allowed) => new(405, "method-not-allowed", "Not with this method",
        $"This webhook takes {string.Join(", ", allowed)}.");

    public static HttpProblem BadBody(string detail) => new(400, "not-parsable", "Not parsable", detail);

    public static HttpProblem TooLarge(long limit) => new(413, "too-large", "Too large",
        $"The body may have {limit} bytes at most.");

    public static HttpProblem TooMuch(string detail) => new(413, "too-large", "Too large", detail);

    /// <summary>RFC 9110, section 15.5.16: what would be taken is in <c>Accept</c>.</summary>
    public static HttpProblem NotAccepted(string? contentType, IReadOnlyCollection<string> accepted) =>
        UnsupportedType($"This webhook does not take {(contentType is null ? "a body without a content type" : $"\"{contentType}\"")}. It takes {string.Join(", ", accepted)}.")
            with
        { Hint = new("Accept", string.Join(", ", accepted)) };

    /// <summary>RFC 9110, section 12.5.3: what would be taken is in <c>Accept-Encoding</c>.</summary>
    public static HttpProblem UnsupportedCoding(string detail) => UnsupportedType(detail) with { Hint = new("Accept-Encoding", ContentCodings.Known) };

    public static HttpProblem UnsupportedType(string detail) => new(415, "unsupported-type", "Unsupported type", detail);

    public static HttpProblem Of(BadHttpRequestException broken) => broken.StatusCode == StatusCodes.Status408RequestTimeout ? TooSlow : BrokenRequest;

    public static HttpProblem Of(BodyFault fault, string detail) =>
        fault == BodyFault.UnsupportedType ? UnsupportedType(detail) : BadBody(detail);
}
