using System.CommandLine;
using Sluice.Host.Webhooks.Authentication;

namespace Sluice.Host.Cli.Dev;

/// <summary>
/// <c>sluice dev --plugin PROJECT --workflow FILE --request REQUEST</c>: rebuilds and swaps the plugin at every save, and sends the request
/// again.
/// </summary>
internal static class DevCommand
{
    public static Command Create(PlaceOptions places)
    {
        var plugin = new Option<string>("--plugin") { Description = "Plugin project: a .csproj file, or the folder that contains it", HelpName = "PROJECT", Required = true };
        var workflow = new Option<string>("--workflow") { Description = "Workflow file", HelpName = "FILE", Required = true };
        var request = new Option<string>("--request") { Description = "File with a JSON body or a recorded request", HelpName = "REQUEST", Required = true };
        var skip = RunCommand.SkipAuthOption();
        var command = new Command("dev", "Rebuild and swap a plugin at every save, and send a request to a workflow that uses it.") { plugin, workflow, request, skip, places.Plugins };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            ProjectOf(parsed.GetValue(plugin)!),
            parsed.GetValue(workflow)!,
            parsed.GetValue(request)!,
            parsed.GetValue(skip) ? AuthenticationRule.Off : AuthenticationRule.AnyAge,
            places.Overrides(parsed),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        string project,
        string workflow,
        string request,
        AuthenticationRule authentication,
        IReadOnlyList<KeyValuePair<string, string?>> overrides,
        CancellationToken cancellationToken)
    {
        await using var room = await LocalRoom.OpenAsync(overrides, cancellationToken, authentication);
        var folder = Path.Combine(room.Directory, "built", Path.GetFileNameWithoutExtension(project));
        await using var plugin = new PluginProject(project);
        using var changes = new Changes(Path.GetDirectoryName(project)!, [workflow, request], TimeProvider.System);
        var loop = new DevLoop(room.Services, plugin.BuildAsync, folder, room.PluginsDirectory, workflow, request, TimeProvider.System, Console.Out);
        try
        {
            await loop.RunAsync(changes.NextAsync, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl+C is the normal way to end it.
        }

        return SluiceCommand.Done;
    }

    private static string ProjectOf(string path)
    {
        if (File.Exists(path))
        {
            return Path.GetFullPath(path);
        }

        var projects = Directory.Exists(path) ? Directory.GetFiles(path, "*.csproj") : [];
        return projects.Length == 1
            ? Path.GetFullPath(projects[0])
            : throw new CommandException($"{path} contains {(projects.Length == 0 ? "no project" : $"{projects.Length} projects")}. Name the .csproj file of the plugin.");
    }
}
