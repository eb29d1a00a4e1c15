using Sluice.Engine.Plugins;
using Sluice.Host.Leaks;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Api;

/// <summary><c>GET /api/plugins/{name}/leak</c>: what keeps unloaded versions of a plugin in memory.</summary>
internal static class LeakRoutes
{
    public static void Map(IEndpointRouteBuilder api, PluginHost plugins)
    {
        // A snapshot pauses the process and takes as much space as its heap: one at a time.
        var turn = new SemaphoreSlim(1, 1);
        api.MapGet("/plugins/{name}/leak", (HttpContext http, string name) => ShowAsync(name, plugins, turn, http.RequestAborted))
            .WithName("findLeak").WithSummary("Find what holds unloaded versions of a plugin in memory, with a snapshot of the process")
            .Produces<IReadOnlyList<LeakView>>().ProducesProblem(404).ProducesProblem(409).ProducesProblem(501);
    }

    private static async Task<IResult> ShowAsync(string name, PluginHost plugins, SemaphoreSlim turn, CancellationToken cancellationToken)
    {
        var versions = plugins.Plugins.Where(plugin => plugin.Name == name || plugin.Folder == name).ToList();
        var leaking = versions.Where(plugin => plugin.State == PluginState.Leaking).ToList();
        if (leaking.Count == 0)
        {
            return versions.Count == 0
                ? ProblemResult.NotFound($"There is no plugin \"{name}\". GET /api/plugins lists them.")
                : ProblemResult.Conflict($"No version of the plugin {name} leaks.");
        }

        await turn.WaitAsync(cancellationToken);
        try
        {
            var found = await Task.Run(() => leaking.Select(plugin => Look(plugin, cancellationToken)).ToArray(), cancellationToken);
            return Results.Json(found, ApiJson.Readable.IReadOnlyListLeakView);
        }
        catch (LeakSearchException impossible)
        {
            return new ProblemResult(new HttpProblem(501, "no-snapshot", "No snapshot", impossible.Message));
        }
        finally
        {
            turn.Release();
        }
    }

    private static LeakView Look(PluginStatus plugin, CancellationToken cancellationToken) =>
        new(plugin.Name, plugin.Version ?? "", plugin.Hash!, [.. LeakFinder.Find(plugin.Hash!, cancellationToken).Select(path => (IReadOnlyList<string>)path)]);
}
