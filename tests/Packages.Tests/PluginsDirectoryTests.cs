using Sluice.Engine.Plugins.Locking;
using Sluice.Packages;

namespace Sluice.Packages.Tests;

public sealed class PluginsDirectoryTests : IDisposable
{
    private readonly PackageBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Removing_an_unknown_plugin_names_the_one_that_was_probably_meant()
    {
        Plugin("Weather");
        using var directory = PluginsDirectory.Open(_bench.Plugins);

        var refused = Assert.Throws<PackageException>(() => directory.Remove("Wether"));

        Assert.Equal("unknown-plugin", refused.Rule);
        Assert.Contains("Did you mean 'Weather'?", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../plugins")]
    [InlineData("")]
    public void Only_a_plugins_own_folder_is_removed(string name)
    {
        Plugin("Weather");
        using var directory = PluginsDirectory.Open(_bench.Plugins);

        Assert.Throws<PackageException>(() => directory.Remove(name));

        Assert.Equal(["Weather"], directory.Names);
    }

    [Fact]
    public void A_removed_plugin_leaves_nothing_behind()
    {
        Plugin("Weather");
        using (var directory = PluginsDirectory.Open(_bench.Plugins))
        {
            directory.Remove("Weather");
        }

        Assert.Empty(_bench.Listing());
    }

    [Fact]
    public void A_second_command_at_the_same_time_is_refused()
    {
        using var first = PluginsDirectory.Open(_bench.Plugins);

        Assert.Equal("directory", Assert.Throws<PackageException>(() => PluginsDirectory.Open(_bench.Plugins)).Rule);
    }

    [Fact]
    public void What_a_killed_command_left_behind_is_cleared_and_a_plugin_that_it_took_away_is_put_back()
    {
        Plugin("Weather");
        Plugin(".replaced-00000000000000000000000000000001/Lost");
        Plugin(".replaced-00000000000000000000000000000002/Weather");
        Plugin(".incoming-00000000000000000000000000000003/Half");
        Plugin(".mine/Kept");

        using (PluginsDirectory.Open(_bench.Plugins))
        {
        }

        Assert.Equal([".mine", ".mine/Kept", ".mine/Kept/a.txt", "Lost", "Lost/a.txt", "Weather", "Weather/a.txt"], _bench.Listing());
    }

    [Fact]
    public async Task Locking_what_is_there_keeps_where_an_unchanged_plugin_came_from_and_forgets_what_is_gone()
    {
        _bench.PackSample("1.0.0");
        await _bench.AddAsync("Sample");
        await _bench.AddAsync("Sample", "Gone");
        Plugin("ByHand");
        using var directory = PluginsDirectory.Open(_bench.Plugins);
        directory.Remove("Gone");

        var file = LockFolders.Of(directory);

        Assert.Equal([("ByHand", null), ("Sample", "Sample")], file.Plugins.Select(entry => (entry.Name, entry.Package)));
        Assert.Equal(LockFile.Read(_bench.Plugins)!.Find("Sample"), file.Find("Sample"));
    }

    private void Plugin(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_bench.Plugins, name)).FullName;
        File.WriteAllText(Path.Combine(folder, "a.txt"), name);
    }
}
