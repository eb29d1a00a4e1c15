using System.ComponentModel;
using System.Net.Mime;
using System.Text.Json;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Secrets;

namespace Sluice.Host.Api;

/// <summary>The admin routes of runs.</summary>
internal static class RunRoutes
{
    private const string AboutPath = "The path of the step: its key, prefixed by the enclosing loops and their indices";

    public static void Map(IEndpointRouteBuilder api, IRunStore runs, Runner runner, RunRecovery recovery, ISecrets secrets)
    {
        api.MapGet("/runs", (
            [Description(RunQuery.AboutWorkflow)] string? workflow,
            [Description(RunQuery.AboutStatus)] string? status,
            [Description(RunQuery.AboutLimit)] string? limit,
            [Description(RunQuery.AboutBefore)] string? before,
            CancellationToken cancellationToken) => ListAsync(new RunQuery(workflow, status, limit, before), runs, cancellationToken))
            .WithName("listRuns").WithSummary("Runs, newest first")
            .Produces<IReadOnlyList<RunSummaryView>>().ProducesProblem(400);
        api.MapGet("/runs/{id}", (HttpContext http, string id) => ShowAsync(http, id, runs, runner, secrets))
            .WithName("showRun").WithSummary("Get a run with the calls of its steps")
            .Produces<RunView>().ProducesProblem(404);
        api.MapGet("/runs/{id}/outputs/{path}", (HttpContext http, string id, [Description(AboutPath)] string path) => ShowOutputAsync(http, id, path, runs, runner))
            .WithName("showOutput").WithSummary("Get the output of a step, whatever its size")
            .Produces<JsonElement>().ProducesProblem(404).ProducesProblem(500);
        Control(api.MapPost("/runs/{id}/cancel", (HttpContext http, string id) =>
            ControlAsync(http, id, runs, (run, cancellationToken) => recovery.CancelAsync(run, cancellationToken), "The run is cancelled.")))
            .WithName("cancelRun").WithSummary("Cancel a run that has not ended or is quarantined");
        Control(api.MapPost("/runs/{id}/retry", (HttpContext http, string id) => ControlAsync(
            http, id, runs, (run, cancellationToken) => recovery.RetryAsync(run, cancellationToken), "The run continues.")))
            .WithName("retryRun").WithSummary("Continue a failed, cancelled or quarantined run after its last successful step");
    }

    private static RouteHandlerBuilder Control(RouteHandlerBuilder route) => route.Produces<MessageView>().ProducesProblem(404).ProducesProblem(409);

    private static async Task<IResult> ListAsync(RunQuery query, IRunStore runs, CancellationToken cancellationToken)
    {
        var (filter, wrong) = query.Read();
        if (filter is null)
        {
            return ProblemResult.BadQuery(wrong!);
        }

        var found = await runs.ListAsync(filter, cancellationToken);
        return Results.Json([.. found.Select(RunViews.Of)], ApiJson.Readable.IReadOnlyListRunSummaryView);
    }

    // The journal is written behind: flush an active run before reading it.
    private static async Task<IResult> ShowAsync(HttpContext http, string id, IRunStore runs, Runner runner, ISecrets secrets)
    {
        if (!RunId.TryParse(id, out var run))
        {
            return NotARun(id);
        }

        await runner.FlushAsync(run);
        return await runs.FindAsync(run, http.RequestAborted) is { } record
            ? Results.Json(RunViews.Of(record, secrets.Masks.All), ApiJson.Readable.RunView)
            : ProblemResult.NotFound($"There is no run {id}.");
    }

    private static async Task<IResult> ShowOutputAsync(HttpContext http, string id, string path, IRunStore runs, Runner runner)
    {
        if (!RunId.TryParse(id, out var run))
        {
            return NotARun(id);
        }

        await runner.FlushAsync(run);
        if (await runs.ProgressAsync(run, http.RequestAborted) is not { } progress)
        {
            return ProblemResult.NotFound($"There is no run {id}.");
        }

        var steps = JournalEntryReader.Read(progress.Entries).OfType<JournalEntry.Step>().Where(step => step.Key == path);
        return steps.LastOrDefault(step => step.OutputBytes is not null || !step.Output.IsEmpty) switch
        {
            null => ProblemResult.NotFound($"Run {id} has no output of a step {path}. GET /api/runs/{id} lists its steps."),
            { OutputBytes: null } step => Results.Bytes(step.Output, MediaTypeNames.Application.Json),
            var step => await runs.FindOutputAsync(run, path, step.Attempt, http.RequestAborted) is { } output && StoredOutput.IsIntact(output.Span, step.OutputBytes)
                ? Results.Bytes(output, MediaTypeNames.Application.Json)
                : ProblemResult.Damaged($"The output of step {path} of run {id} ({step.OutputBytes:N0} bytes) is missing or damaged. Restore the database from a backup."),
        };
    }

    private static async Task<IResult> ControlAsync(
        HttpContext http, string id, IRunStore runs, Func<RunId, CancellationToken, Task<string?>> control, string done)
    {
        if (!RunId.TryParse(id, out var run))
        {
            return NotARun(id);
        }

        if (await control(run, http.RequestAborted) is not { } whyNot)
        {
            return Results.Json(new MessageView(done), ApiJson.Readable.MessageView);
        }

        return await runs.FindAsync(run, http.RequestAborted) is null ? ProblemResult.NotFound(whyNot) : ProblemResult.Conflict(whyNot);
    }

    private static ProblemResult NotARun(string id) => ProblemResult.NotFound($"\"{id}\" is not a run ID. A run ID is a UUID, as in the header Sluice-Run-Id.");
}
