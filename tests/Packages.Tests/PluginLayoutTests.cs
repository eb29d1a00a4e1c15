using System.Text.Json;
using Sluice.Engine.Plugins;

namespace Sluice.Packages.Tests;

public sealed class PluginLayoutTests : IDisposable
{
    private readonly PackageBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Libraries_of_the_nearest_framework_texts_and_files_for_each_platform_are_laid_out_and_described()
    {
        _bench.PackSample("1.0.0", "Lib 1.0.0");
        _bench.Pack("Lib 1.0.0", new()
        {
            ["lib/net8.0/Dependency.dll"] = PackageBench.Fixture("Versioned1/Dependency.dll"),
            ["lib/net8.0/Lib.xml"] = null,
            ["lib/net8.0/de/Lib.resources.dll"] = null,
            ["lib/netstandard2.0/Old.dll"] = null,
            ["runtimes/win/lib/net6.0/Old.dll"] = null,
            ["runtimes/win/lib/net8.0/Dependency.dll"] = PackageBench.Fixture("Versioned1/Dependency.dll"),
            ["runtimes/linux-x64/native/libacme.so"] = null,
            ["build/Lib.targets"] = null,
        }, []);

        var installed = await _bench.AddAsync("Sample");

        Assert.Equal(
            ["Dependency.dll", "Sample.deps.json", "Sample.dll", "de/Lib.resources.dll", "runtimes/linux-x64/native/libacme.so", "runtimes/win/lib/net8.0/Dependency.dll"],
            Sluice.Engine.Plugins.Verification.FolderContent.List(installed.Path));
        Assert.Equal(PluginState.Active, Assert.Single(await _bench.LoadAsync()).State);
        var library = Target(installed.Path).GetProperty("Lib/1.0.0");
        Assert.Equal("1.0.0.0", library.GetProperty("runtime").GetProperty("lib/net8.0/Dependency.dll").GetProperty("assemblyVersion").GetString());
        Assert.Equal("de", library.GetProperty("resources").GetProperty("lib/net8.0/de/Lib.resources.dll").GetProperty("locale").GetString());
        var platforms = library.GetProperty("runtimeTargets");
        Assert.Equal("linux-x64", platforms.GetProperty("runtimes/linux-x64/native/libacme.so").GetProperty("rid").GetString());
        Assert.Equal("runtime", platforms.GetProperty("runtimes/win/lib/net8.0/Dependency.dll").GetProperty("assetType").GetString());
    }

    [Theory]
    [InlineData("linux-x64", "linux-x64", "linux", "unix")]
    [InlineData("linux-musl-x64", "linux-musl-x64", "linux-x64", "linux", "unix")]
    [InlineData("win-arm64", "win-arm64")]
    [InlineData(null, "linux-musl-x64", "linux-x64", "linux", "osx", "unix", "win-arm64")]
    public async Task Of_several_platforms_files_those_that_the_chosen_one_can_use_are_taken(string? runtime, params string[] taken)
    {
        _bench.PackSample("1.0.0", "Native 1.0.0");
        string[] platforms = ["linux-musl-x64", "linux-x64", "linux", "osx", "unix", "win-arm64"];
        _bench.Pack("Native 1.0.0", platforms.ToDictionary(platform => $"runtimes/{platform}/native/libacme.so", _ => (string?)null), []);
        _bench.Options = new() { Runtime = runtime };

        var installed = await _bench.AddAsync("Sample");

        Assert.Equal(
            taken.Select(platform => $"runtimes/{platform}/native/libacme.so").Order(StringComparer.Ordinal),
            Sluice.Engine.Plugins.Verification.FolderContent.List(installed.Path).Where(file => file.StartsWith("runtimes/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_platform_that_does_not_exist_is_refused()
    {
        _bench.PackSample("1.0.0");
        _bench.Options = new() { Runtime = "linux-x46" };

        Assert.Contains("linux-x64", await _bench.RefusedAsync("runtime", "Sample"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_runtime_has_in_that_version_is_left_out()
    {
        _bench.PackSample("1.0.0", "Json 1.0.0");
        _bench.Pack("Json 1.0.0", new() { ["lib/net8.0/System.Text.Json.dll"] = typeof(JsonDocument).Assembly.Location }, []);

        var installed = await _bench.AddAsync("Sample");

        Assert.Equal(["Sample.deps.json", "Sample.dll"], Sluice.Engine.Plugins.Verification.FolderContent.List(installed.Path));
    }

    [Fact]
    public async Task Packages_of_the_runtimes_own_libraries_are_not_even_looked_for()
    {
        _bench.PackSample("1.0.0", "System.Text.Json 8.0.0", "NETStandard.Library 1.6.1", "Microsoft.Extensions.DependencyInjection.Abstractions 8.0.0");

        Assert.Empty((await _bench.AddAsync("Sample")).Dependencies);
    }

    [Fact]
    public async Task Two_packages_that_bring_the_same_file_are_a_conflict()
    {
        _bench.PackSample("1.0.0", "One 1.0.0", "Two 1.0.0");
        _bench.Pack("One 1.0.0", new() { ["lib/net8.0/Same.dll"] = null }, []);
        _bench.Pack("Two 1.0.0", new() { ["lib/net8.0/same.dll"] = null }, []);

        Assert.Contains("Two 1.0.0 and One 1.0.0 both bring same.dll", await _bench.RefusedAsync("conflict", "Sample"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_with_several_assemblies_and_none_named_like_it_does_not_say_which_is_the_plugin()
    {
        _bench.Pack("Acme 1.0.0", new() { ["lib/net10.0/A.dll"] = null, ["lib/net10.0/B.dll"] = null }, []);

        await _bench.RefusedAsync("not-a-plugin", "Acme");
    }

    private static JsonElement Target(string folder)
    {
        var root = JsonElement.Parse(File.ReadAllText(Path.Combine(folder, "Sample.deps.json")));
        return root.GetProperty("targets").GetProperty(root.GetProperty("runtimeTarget").GetProperty("name").GetString()!);
    }
}
