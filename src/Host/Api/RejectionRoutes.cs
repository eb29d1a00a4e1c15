using System.ComponentModel;
using System.Globalization;
using Sluice.Engine.Journal;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Api;

/// <summary><c>GET /api/refusals</c>: the requests that were rejected before a run started.</summary>
internal static class RejectionRoutes
{
    private const int LongestList = 1000;

    public static void Map(IEndpointRouteBuilder api, RejectionLog log, IRejectionStore store) =>
        api.MapGet("/refusals", (
            [Description(RunQuery.AboutWorkflow)] string? workflow,
            [Description(RunQuery.AboutLimit)] string? limit,
            [Description(RunQuery.AboutBefore)] string? before,
            CancellationToken cancellationToken) => ListAsync(workflow, limit, before, log, store, cancellationToken))
            .WithName("listRefusals").WithSummary("List the rejected requests, newest first; similar ones are counted together")
            .Produces<IReadOnlyList<RejectionView>>().ProducesProblem(400);

    private static async Task<IResult> ListAsync(
        string? workflow, string? most, string? last, RejectionLog log, IRejectionStore store, CancellationToken cancellationToken)
    {
        long? before = null;
        if (last is { Length: > 0 } text)
        {
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                return ProblemResult.BadQuery($"before={text} is not the ID of a rejection. Use the ID of the last entry of the previous page.");
            }

            before = id;
        }

        var limit = 50;
        if (most is { Length: > 0 } count && (!int.TryParse(count, out limit) || limit is < 1 or > LongestList))
        {
            return ProblemResult.BadQuery($"limit must be a number from 1 to {LongestList}, not {count}.");
        }

        // Rejections of the last second may not have been written yet.
        await log.WriteAsync(cancellationToken);
        var found = await store.ListAsync(new RejectionFilter(string.IsNullOrEmpty(workflow) ? null : workflow, before, limit), cancellationToken);
        return Results.Json(
            [.. found.Select(refusal => new RejectionView(
                refusal.Id, refusal.LastAt, refusal.FirstAt, refusal.Count, refusal.Workflow, refusal.Path, refusal.RemoteIp, refusal.Reason, refusal.Detail))],
            ApiJson.Readable.IReadOnlyListRejectionView);
    }
}
