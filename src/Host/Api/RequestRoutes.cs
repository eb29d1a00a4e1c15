using System.ComponentModel;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Secrets;
using Sluice.Host.Requests;

namespace Sluice.Host.Api;

/// <summary>
/// The admin routes of recorded requests: a view of the journal, which keeps the request of every run that a webhook started.
/// </summary>
internal static class RequestRoutes
{
    /// <summary>RFC 9112, section 10.1.</summary>
    public const string MessageType = "message/http";

    public static void Map(IEndpointRouteBuilder api, IRunStore runs, Runner runner, ISecrets secrets)
    {
        api.MapGet("/requests", (
            [Description(RunQuery.AboutWorkflow)] string? workflow,
            [Description(RunQuery.AboutStatus)] string? status,
            [Description(RunQuery.AboutLimit)] string? limit,
            [Description(RunQuery.AboutBefore)] string? before,
            CancellationToken cancellationToken) => ListAsync(new RunQuery(workflow, status, limit, before), runs, secrets, cancellationToken))
            .WithName("listRequests").WithSummary("List the requests that started runs, newest first")
            .Produces<IReadOnlyList<RequestSummaryView>>().ProducesProblem(400);
        api.MapGet("/requests/{id}", (HttpContext http, string id) => ShowAsync(http, id, runs, runner, secrets))
            .WithName("showRequest").WithSummary("Get the request that started a run, as JSON or as an HTTP message")
            .Produces<RequestView>(200, "application/json", MessageType).ProducesProblem(404);
    }

    private static async Task<IResult> ListAsync(RunQuery query, IRunStore runs, ISecrets secrets, CancellationToken cancellationToken)
    {
        var (filter, wrong) = query.Read();
        if (filter is null)
        {
            return ProblemResult.BadQuery(wrong!);
        }

        var mask = secrets.Masks.All;
        var requests = await runs.ListRequestsAsync(filter, cancellationToken);
        return Results.Json([.. requests.Select(request => Summary(request, mask))], ApiJson.Readable.IReadOnlyListRequestSummaryView);
    }

    private static async Task<IResult> ShowAsync(HttpContext http, string id, IRunStore runs, Runner runner, ISecrets secrets)
    {
        if (!RunId.TryParse(id, out var run))
        {
            return ProblemResult.NotFound($"\"{id}\" is not a request ID. Use the ID of its run, a UUID, as in the header Sluice-Run-Id.");
        }

        await runner.FlushAsync(run);
        if (await runs.FindAsync(run, http.RequestAborted) is not { } record
            || KeptRequest.Of(record.Header, secrets.Masks.All) is not { } request)
        {
            return ProblemResult.NotFound($"There is no run {id} that was started by a request.");
        }

        return http.Request.Headers.Accept.ToString().Contains(MessageType, StringComparison.OrdinalIgnoreCase)
            ? Results.Bytes(request.ToMessage(), MessageType)
            : Results.Json(View(record.Header, request), ApiJson.Readable.RequestView);
    }

    private static RequestSummaryView Summary(RequestSummary request, SecretMask mask)
    {
        var run = request.Run;
        var kept = KeptRequest.Of(new RunHeader(run.Id, run.Workflow, run.Version, run.Trigger, run.StartedAt, request.Envelope, default), mask)!;
        return new RequestSummaryView(run.Id.ToString(), run.Workflow, kept.Method, kept.Target, request.BodyBytes, run.Status.ToString().ToLowerInvariant(), run.StartedAt);
    }

    private static RequestView View(RunHeader run, KeptRequest request)
    {
        var isText = Utf8.IsValid(request.Body.Span);
        return new RequestView(
            run.Id.ToString(),
            run.Workflow,
            request.Method,
            request.Target,
            request.Headers.ToDictionary(header => header.Key, header => header.Value),
            isText ? Encoding.UTF8.GetString(request.Body.Span) : null,
            isText ? null : Convert.ToBase64String(request.Body.Span),
            run.StartedAt);
    }
}
