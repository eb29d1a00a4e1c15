using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Sluice.Engine.Plugins;
using Sluice.Engine.Plugins.Locking;
using Sluice.Host.Api;
using Sluice.Host.Configuration;
using Sluice.Packages;

namespace Sluice.Host.Cli;

/// <summary>
/// <c>sluice plugins add</c>, <c>remove</c> and <c>lock</c>: change a plugins directory. A running host applies the change by itself.
/// </summary>
internal static class PluginChangeCommands
{
    public static Command Add(PlaceOptions places)
    {
        var what = new Argument<string>("PACKAGE[@VERSION] | FILE") { Description = "Package on a NuGet feed, .nupkg file, or .zip file of a publish folder" };
        var sources = new Option<string[]>("--source")
        {
            Description = "NuGet feed: the URL of its index.json, a folder, or a name in your NuGet configuration. Repeat it for several feeds [default: Plugins:Feeds, or the feeds of your NuGet configuration]",
            HelpName = "FEED",
        };
        var name = new Option<string?>("--name")
        {
            Description = "Plugin name [default: the package ID; for a zip file, its folder or entry assembly]",
            HelpName = "NAME",
        };
        var runtime = new Option<string?>("--runtime", "-r")
        {
            Description = "Install the native files of one platform only, such as linux-x64 [default: all platforms of the packages]",
            HelpName = "RID",
        };
        var json = JsonOption.Create();
        var command = new Command("add", "Install a plugin, or replace it with another version.") { what, sources, name, runtime, json, places.Plugins };
        command.SetAction((parsed, cancellationToken) => ChangeAsync(places.Overrides(parsed), async (directory, options) =>
        {
            var installer = new PackageInstaller(directory, OptionsOf(options, parsed.GetValue(sources), parsed.GetValue(runtime)), (folder, cancellation) => TryLoadAsync(folder, options, cancellation));
            var installed = await installer.AddAsync(parsed.GetValue(what)!, parsed.GetValue(name), cancellationToken);
            Print(installed, parsed.GetValue(json));
        }));
        return command;
    }

    public static Command Remove(PlaceOptions places)
    {
        var name = new Argument<string>("NAME") { Description = "Folder name of the plugin" };
        var json = JsonOption.Create();
        var command = new Command("remove", "Remove a plugin and its entry in the lock file.") { name, json, places.Plugins };
        command.SetAction((parsed, _) => ChangeAsync(places.Overrides(parsed), (directory, _) =>
        {
            var given = parsed.GetValue(name)!;
            var file = LockFile.Read(directory.Path);
            directory.Remove(given);
            if (file?.Find(given) is not null)
            {
                file.Without(given).Write(directory.Path);
            }

            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new RemovedView(given, directory.PathOf(given), "removed"), CliJson.Readable.RemovedView)
                : $"Removed {given}.");
            return Task.CompletedTask;
        }));
        return command;
    }

    public static Command Lock(PlaceOptions places)
    {
        var json = new Option<bool>("--json") { Description = "Print the lock file as JSON" };
        var command = new Command("lock", "Write the lock file for all installed plugins, including those copied by hand.") { json, places.Plugins };
        command.SetAction((parsed, _) => ChangeAsync(places.Overrides(parsed), (directory, _) =>
        {
            var file = LockFolders.Of(directory);
            file.Write(directory.Path);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(file, LockJson.Readable.LockFile)
                : $"Locked {file.Plugins.Length} plugins in {Path.Combine(directory.Path, LockFile.FileName)}.");
            return Task.CompletedTask;
        }));
        return command;
    }

    private static async Task<int> ChangeAsync(IReadOnlyList<KeyValuePair<string, string?>> overrides, Func<PluginsDirectory, PluginOptions, Task> change)
    {
        try
        {
            var options = HostConfiguration.ReadAlone(overrides).Plugins;
            using var directory = PluginsDirectory.Open(options.Directory!);
            await change(directory, options);
            return SluiceCommand.Done;
        }
        catch (Exception exception) when (exception is PackageException or LockFileException)
        {
            throw new CommandException(exception.Message, exception);
        }
    }

    private static PackageOptions OptionsOf(PluginOptions options, string[]? sources, string? runtime) => new()
    {
        Feeds = sources is { Length: > 0 } ? sources : options.Feeds,
        AllowedSigners = options.AllowedSigners,
        Runtime = runtime,
        Limits = new UnpackLimits { MaxBytes = options.MaxUnpackedBytes },
    };

    // Check it with the installed plugins: a node type that one of them already has is a conflict.
    private static async Task<ImmutableArray<Rejection>> TryLoadAsync(string folder, PluginOptions options, CancellationToken cancellationToken)
    {
        await using var catalog = await LocalCatalog.LoadBesideAsync(new DirectoryInfo(folder), options, cancellationToken);
        return [.. catalog.Plugins.Plugins.Where(plugin => plugin.Folder == Path.GetFileName(folder)).SelectMany(plugin => plugin.Rejections)];
    }

    private static void Print(InstalledPlugin installed, bool json)
    {
        var entry = installed.Entry;
        if (json)
        {
            var change = installed.Change.ToString().ToLowerInvariant();
            var view = new InstalledView(entry.Name, entry.Package, entry.Version, entry.Source, entry.Hash, entry.Signer, installed.Path, change, installed.Dependencies, PluginRoutes.IsolationsOf(installed.ProcessOnly));
            Console.WriteLine(JsonSerializer.Serialize(view, CliJson.Readable.InstalledView));
            return;
        }

        var done = installed.Change switch
        {
            Change.Added => "Installed",
            Change.Replaced => "Replaced the earlier version with",
            _ => "Nothing to change:",
        };
        Console.WriteLine($"{done} {entry.Name} {entry.Version} in {installed.Path}.");
        if (!installed.Dependencies.IsEmpty)
        {
            Console.WriteLine($"Dependencies: {string.Join(", ", installed.Dependencies)}.");
        }

        if (!installed.ProcessOnly.IsEmpty)
        {
            Console.WriteLine($"The plugin runs in its own process (isolation: process), because the host could not unload it: {string.Join(" ", installed.ProcessOnly.Select(rejection => rejection.Message))}");
        }
    }
}
