using Sluice.Engine.Plugins;
using Sluice.Engine.Publishing;
using Sluice.Engine.Text;
using Sluice.Host.OpenApi;
using Sluice.Host.Webhooks;
using Sluice.Host.Webhooks.Bodies;

namespace Sluice.Host.Api;

/// <summary>The admin routes of workflows.</summary>
internal static class WorkflowRoutes
{
    // The reader reports a longer source with its own problem; this only bounds what is read into memory.
    private const int LongestText = 4 * 1024 * 1024;

    public static void Map(IEndpointRouteBuilder api, WorkflowRegistry workflows, PluginHost plugins, TimeProvider time)
    {
        api.MapGet("/workflows", () => Results.Json(List(workflows), ApiJson.Readable.IReadOnlyListWorkflowView))
            .WithName("listWorkflows").WithSummary("List all workflows and rejected files")
            .Produces<IReadOnlyList<WorkflowView>>();
        api.MapGet("/workflows/{name}", (string name) => Show(workflows, name))
            .WithName("showWorkflow").WithSummary("Get a workflow with its text and plugins")
            .Produces<WorkflowDetail>().ProducesProblem(404);
        api.MapPut("/workflows/{name}", (HttpContext http, string name) => PublishAsync(http, workflows, time, name))
            .WithName("publishWorkflow").WithSummary("Publish a workflow; if it has problems, nothing changes")
            .WithMetadata(new TakesText("The workflow. Its name must be the one in the path.", "application/yaml", "application/json"))
            .Produces<PublishedView>().Produces<ErrorsView>(422).ProducesProblem(400).ProducesProblem(408).ProducesProblem(413);
        Change(api.MapDelete("/workflows/{name}", (HttpContext http, string name) =>
            ChangeAsync(name, workflows.DeleteAsync(name, http.RequestAborted), "The workflow is deleted. Its versions stay for the runs that need them.")))
            .WithName("deleteWorkflow").WithSummary("Delete a workflow; its versions stay for the runs that need them").Produces<ErrorsView>(409);
        Change(api.MapPost("/workflows/{name}/enable", (HttpContext http, string name) =>
            ChangeAsync(name, workflows.SetEnabledAsync(name, true, http.RequestAborted), "The workflow is enabled.")))
            .WithName("enableWorkflow").WithSummary("Enable a workflow").Produces<ErrorsView>(409);
        Change(api.MapPost("/workflows/{name}/move-plugins", (HttpContext http, string name) => MoveAsync(http, name, workflows, plugins)))
            .WithName("movePlugins").WithSummary("Move a workflow to the current versions of its plugins, across major versions").Produces<ErrorsView>(422);
        Change(api.MapPost("/workflows/{name}/disable", (HttpContext http, string name) =>
            ChangeAsync(name, workflows.SetEnabledAsync(name, false, http.RequestAborted), "The workflow is disabled.")))
            .WithName("disableWorkflow").WithSummary("Disable a workflow").Produces<ErrorsView>(409);
    }

    private static RouteHandlerBuilder Change(RouteHandlerBuilder route) => route.Produces<MessageView>().ProducesProblem(404);

    public static ErrorView Of(Problem problem) =>
        new(problem.Rule, problem.Message, problem.Step, problem.Path, problem.At?.Line, problem.At?.Column);

    // Also list files that were rejected and never had a valid version.
    private static IReadOnlyList<WorkflowView> List(WorkflowRegistry workflows)
    {
        var states = workflows.All();
        var known = states.Select(state => state.Stored.Name).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. states.Select(Of),
            .. workflows.Refused.Where(refused => refused.Workflow is null || !known.Contains(refused.Workflow)).Select(refused => new WorkflowView(
                refused.Workflow ?? Path.GetFileNameWithoutExtension(refused.Source), null, false, null, [], refused.Source, null, [.. refused.Problems.Select(Of)], "refused", null)),
        ];
    }

    private static WorkflowView Of(WorkflowState state) => new(
        state.Stored.Name,
        state.Stored.Version,
        state.Stored.Enabled,
        state.Route is { } route ? WebhookEndpoint.Prefix + route.Path : null,
        state.Route?.Methods ?? [],
        state.Stored.Source,
        state.Stored.PublishedAt,
        [.. state.Problems.Select(Of)],
        state switch
        {
            { Held: not null } => "held",
            { Compiled: null } => "refused",
            { Stored.Enabled: false } => "disabled",
            _ => "live",
        },
        state.Held?.Reason);

    private static PluginUseView Of(PluginUse use) => new(
        use.Pin.Type,
        use.Pin.Plugin.Name,
        use.Pin.Plugin.Version,
        use.Pin.Plugin.Hash,
        use.Newer is { } newer ? new NewerPluginView(newer.Version, newer.WhyNot) : null);

    private static IResult Show(WorkflowRegistry workflows, string name)
    {
        if (workflows.State(name) is not { } state)
        {
            return Unknown(name);
        }

        var view = Of(state);
        return Results.Json(
            new WorkflowDetail(
                view.Name,
                state.Stored.Version,
                view.Enabled,
                view.Path,
                view.Methods,
                view.Source,
                state.Stored.PublishedAt,
                view.Errors,
                state.Stored.Text,
                view.State,
                view.Reason,
                [.. state.Uses.Select(Of)]),
            ApiJson.Readable.WorkflowDetail);
    }

    private static async Task<IResult> PublishAsync(HttpContext http, WorkflowRegistry workflows, TimeProvider time, string name)
    {
        if (await new PacedReader(http.Request.BodyReader, time).ReadToEndAsync(LongestText, null, null, http.RequestAborted) is not { } bytes)
        {
            return new ProblemResult(Problems.TooLarge(LongestText));
        }

        var published = await workflows.PublishAsync(WorkflowFile.Decode(bytes, WorkflowRegistry.Api) with { ExpectedName = name }, http.RequestAborted);
        return published.Stored is { } stored
            ? Results.Json(new PublishedView(stored.Name, stored.Version, published.IsNew), ApiJson.Readable.PublishedView)
            : Results.Json(new ErrorsView([.. published.Problems.Select(Of)]), ApiJson.Readable.ErrorsView, statusCode: StatusCodes.Status422UnprocessableEntity);
    }

    // The version that it leaves may now be unused.
    private static async Task<IResult> MoveAsync(HttpContext http, string name, WorkflowRegistry workflows, PluginHost plugins)
    {
        var moved = await ChangeAsync(
            name,
            workflows.MovePluginsAsync(name, http.RequestAborted),
            "The workflow runs on the current versions of its plugins.",
            StatusCodes.Status422UnprocessableEntity);
        await plugins.ReleaseAsync(http.RequestAborted);
        return moved;
    }

    private static async Task<IResult> ChangeAsync(string name, Task<WorkflowChange> change, string done, int refusal = StatusCodes.Status409Conflict)
    {
        var (found, problems) = await change;
        return (found, problems) switch
        {
            (false, _) => Unknown(name),
            (_, { IsDefaultOrEmpty: false }) => Results.Json(
                new ErrorsView([.. problems.Select(Of)]), ApiJson.Readable.ErrorsView, statusCode: refusal),
            _ => Results.Json(new MessageView(done), ApiJson.Readable.MessageView),
        };
    }

    private static ProblemResult Unknown(string name) => ProblemResult.NotFound($"There is no workflow \"{name}\". GET /api/workflows lists them.");
}
