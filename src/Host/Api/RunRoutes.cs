using Sluice.Engine.Execution;
using Sluice.Engine.Journal;

namespace Sluice.Host.Api;

/// <summary>The admin routes of runs.</summary>
internal static class RunRoutes
{
    private const int LongestList = 1000;

    public static void Map(IEndpointRouteBuilder api, IJournal journal, Runner runner, RunRecovery recovery)
    {
        api.MapGet("/runs", (HttpContext http, CancellationToken cancellationToken) => ListAsync(http.Request.Query, journal, cancellationToken));
        api.MapGet("/runs/{id}", (HttpContext http, string id) => ShowAsync(http, id, journal, runner));
        api.MapPost("/runs/{id}/cancel", (HttpContext http, string id) => ControlAsync(http, id, journal, (run, cancellationToken) => recovery.CancelAsync(run, cancellationToken), "The run is cancelled."));
        api.MapPost("/runs/{id}/retry", (HttpContext http, string id) => ControlAsync(http, id, journal, recovery.RetryAsync, "The run goes on."));
    }

    private static async Task<IResult> ListAsync(IQueryCollection query, IJournal journal, CancellationToken cancellationToken)
    {
        var (filter, wrong) = ReadFilter(query);
        if (filter is null)
        {
            return ProblemResult.BadQuery(wrong!);
        }

        var runs = await journal.ListAsync(filter, cancellationToken);
        return Results.Json([.. runs.Select(RunViews.Of)], ApiJson.Readable.IReadOnlyListRunSummaryView);
    }

    // A run under way has not been written as far as it has come: asking for it flushes it first.
    private static async Task<IResult> ShowAsync(HttpContext http, string id, IJournal journal, Runner runner)
    {
        if (!RunId.TryParse(id, out var run))
        {
            return NotARun(id);
        }

        await runner.FlushAsync(run);
        return await journal.FindAsync(run, http.RequestAborted) is { } record
            ? Results.Json(RunViews.Of(record), ApiJson.Readable.RunView)
            : ProblemResult.NotFound($"There is no run {id}.");
    }

    private static async Task<IResult> ControlAsync(
        HttpContext http, string id, IJournal journal, Func<RunId, CancellationToken, Task<string?>> control, string done)
    {
        if (!RunId.TryParse(id, out var run))
        {
            return NotARun(id);
        }

        if (await control(run, http.RequestAborted) is not { } whyNot)
        {
            return Results.Json(new MessageView(done), ApiJson.Readable.MessageView);
        }

        return await journal.FindAsync(run, http.RequestAborted) is null ? ProblemResult.NotFound(whyNot) : ProblemResult.Conflict(whyNot);
    }

    private static ProblemResult NotARun(string id) => ProblemResult.NotFound($"\"{id}\" is no run id: that is a UUID, as in the header Sluice-Run-Id.");

    /// <summary>The runs that a query asks for, or what is wrong with it.</summary>
    public static (RunFilter? Filter, string? Wrong) ReadFilter(IQueryCollection query)
    {
        RunStatus? status = null;
        if (query["status"].FirstOrDefault() is { Length: > 0 } name)
        {
            if (!Enum.TryParse<RunStatus>(name, ignoreCase: true, out var parsed) || !Enum.IsDefined(parsed))
            {
                return (null, $"\"{name}\" is no status. There are {string.Join(", ", Enum.GetNames<RunStatus>().Select(n => n.ToLowerInvariant()))}.");
            }

            status = parsed;
        }

        RunId? before = null;
        if (query["before"].FirstOrDefault() is { Length: > 0 } text)
        {
            if (!RunId.TryParse(text, out var id))
            {
                return (null, $"before={text} is no run id: give the id of the last run of the page before.");
            }

            before = id;
        }

        var limit = 50;
        if (query["limit"].FirstOrDefault() is { Length: > 0 } count && (!int.TryParse(count, out limit) || limit is < 1 or > LongestList))
        {
            return (null, $"limit={count} is not a number from 1 to {LongestList}.");
        }

        var workflow = query["workflow"].FirstOrDefault();
        return (new RunFilter(string.IsNullOrEmpty(workflow) ? null : workflow, status, before, limit), null);
    }
}
