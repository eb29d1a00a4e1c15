using System.IO.Compression;
using System.Text.Json;
using static Sluice.Host.Tests.Cli.SluiceProgram;

namespace Sluice.Host.Tests.Cli;

public sealed class PluginsCommandTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("sluice-cli-plugins-");

    private string Plugins => Path.Combine(_root.FullName, "plugins");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task A_plugin_is_added_locked_listed_and_removed()
    {
        var zip = ZipLogic();

        var add = await RunAsync("plugins", "add", zip, "--name", "Gates", "--plugins", Plugins, "--json");
        var again = await RunAsync("plugins", "add", zip, "--name", "Gates", "--plugins", Plugins);
        var list = await RunAsync("plugins", "list", "--plugins", Plugins, "--json");
        var locked = await RunAsync("plugins", "lock", "--plugins", Plugins, "--json");
        var remove = await RunAsync("plugins", "remove", "Gates", "--plugins", Plugins, "--json");
        var gone = await RunAsync("plugins", "remove", "Gates", "--plugins", Plugins);

        Assert.Equal((0, 0, 0, 0, 0, 1), (add.Exit, again.Exit, list.Exit, locked.Exit, remove.Exit, gone.Exit));
        var installed = JsonElement.Parse(add.Output);
        Assert.Equal(
            ["name", "package", "version", "source", "hash", "signer", "path", "change", "dependencies", "isolations"], installed.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("Gates", "logic.zip", "added"), (installed.Text("name"), installed.Text("source"), installed.Text("change")));
        Assert.Contains("Nothing to change: Gates ", again.Output, StringComparison.Ordinal);
        var plugin = Assert.Single(JsonElement.Parse(list.Output).EnumerateArray());
        Assert.Equal(("active", installed.Text("hash")), (plugin.Text("state"), plugin.Text("hash")));
        Assert.Equal("logic.zip", Assert.Single(JsonElement.Parse(locked.Output).GetProperty("plugins").EnumerateArray()).Text("source"));
        var removed = JsonElement.Parse(remove.Output);
        Assert.Equal(("Gates", installed.Text("path"), "removed"), (removed.Text("name"), removed.Text("path"), removed.Text("change")));
        Assert.Contains("There is no plugin 'Gates'", gone.Error, StringComparison.Ordinal);
        Assert.Equal(["plugins.lock.json"], Directory.EnumerateFileSystemEntries(Plugins).Select(path => Path.GetFileName(path)));
        Assert.DoesNotContain("Gates", await File.ReadAllTextAsync(Path.Combine(Plugins, "plugins.lock.json"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_with_a_node_type_that_another_plugin_has_is_not_added_and_a_newer_one_in_its_own_place_is()
    {
        var zip = ZipLogic();
        await RunAsync("plugins", "add", zip, "--name", "Gates", "--plugins", Plugins);

        var other = await RunAsync("plugins", "add", zip, "--name", "AlsoGates", "--plugins", Plugins);
        var same = await RunAsync("plugins", "add", zip, "--name", "Gates", "--plugins", Plugins);

        Assert.Equal((1, 0), (other.Exit, same.Exit));
        Assert.Contains("The node type 'logic_gate' already belongs to the plugin Gates", other.Error, StringComparison.Ordinal);
        Assert.Equal(["Gates"], Directory.EnumerateDirectories(Plugins).Select(path => Path.GetFileName(path)));
    }

    [Fact]
    public async Task What_can_not_be_installed_exits_1_and_a_missing_argument_exits_2()
    {
        var text = Path.Combine(_root.FullName, "text.zip");
        await File.WriteAllTextAsync(text, "no zip file", TestContext.Current.CancellationToken);

        var refused = await RunAsync("plugins", "add", text, "--plugins", Plugins);
        var usage = await RunAsync("plugins", "add", "--plugins", Plugins);

        Assert.Equal((1, 2), (refused.Exit, usage.Exit));
        Assert.Contains("text.zip is damaged or not a zip file", refused.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Plugins));
    }

    [Fact]
    public async Task With_the_lock_required_a_host_takes_what_was_added_and_rejects_what_was_copied_by_hand()
    {
        await RunAsync("plugins", "add", ZipLogic(), "--plugins", Plugins);
        var byHand = Directory.CreateDirectory(Path.Combine(Plugins, "ByHand")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "plugins", "Http")))
        {
            File.Copy(file, Path.Combine(byHand, Path.GetFileName(file)));
        }

        using var folder = new TestFolder();
        await using var host = await TestHost.StartAsync(folder, ("Plugins:Directory", Plugins), ("Plugins:RequireLock", "true"));
        var plugins = (await host.GetAsync("/api/plugins")).Json.EnumerateArray().ToArray();

        Assert.Equal(["rejected", "active"], plugins.Select(plugin => plugin.Text("state")));
        Assert.Contains("sluice plugins lock", plugins[0].Text("reason")!, StringComparison.Ordinal);
    }

    private string ZipLogic()
    {
        var zip = Path.Combine(_root.FullName, "logic.zip");
        ZipFile.CreateFromDirectory(Path.Combine(AppContext.BaseDirectory, "plugins", "Logic"), zip);
        return zip;
    }
}
