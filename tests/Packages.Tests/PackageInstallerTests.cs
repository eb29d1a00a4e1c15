using Sluice.Engine.Plugins;
using Sluice.Engine.Plugins.Locking;
using Sluice.Packages;

namespace Sluice.Packages.Tests;

public sealed class PackageInstallerTests : IDisposable
{
    private readonly PackageBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_packed_plugin_is_installed_with_its_dependencies_and_loads()
    {
        PackVersioned("1.0.0", "Dependency 1.0.0", "Sluice.Sdk 1.0.0", "Microsoft.Extensions.Logging.Abstractions 10.0.0");
        PackDependency("1.0.0");

        var installed = await _bench.AddAsync("Versioned");

        var loaded = Assert.Single(await _bench.LoadAsync());
        Assert.True(loaded.State == PluginState.Active, loaded.Reason);
        Assert.Equal(["Versioned", "Versioned/Dependency.dll", "Versioned/Versioned.deps.json", "Versioned/Versioned.dll", "plugins.lock.json"], _bench.Listing());
        Assert.Equal((Change.Added, loaded.Hash, "Dependency 1.0.0"), (installed.Change, installed.Entry.Hash, Assert.Single(installed.Dependencies)));
        Assert.Equal(
            new LockEntry { Name = "Versioned", Package = "Versioned", Version = "1.0.0", Source = _bench.Feed, Hash = loaded.Hash! },
            Assert.Single(LockFile.Read(_bench.Plugins)!.Plugins));
    }

    [Fact]
    public async Task A_package_larger_than_an_installation_may_be_is_refused_while_it_comes_from_its_feed()
    {
        PackVersioned("1.0.0");
        _bench.Options = new PackageOptions { Limits = new UnpackLimits { MaxBytes = 1000 } };

        var message = await _bench.RefusedAsync("too-large", "Versioned");

        Assert.Contains("sends more than 1000 bytes for Versioned 1.0.0 (Plugins:MaxUnpackedBytes)", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deps_file_that_the_package_ships_is_kept()
    {
        _bench.Pack("Versioned 1.0.0", new()
        {
            ["lib/net10.0/Versioned.dll"] = PackageBench.Fixture("Versioned1/Versioned.dll"),
            ["lib/net10.0/Versioned.deps.json"] = PackageBench.Fixture("Versioned1/Versioned.deps.json"),
        }, ["Dependency 1.0.0"]);
        PackDependency("1.0.0");

        var installed = await _bench.AddAsync("Versioned");

        Assert.Equal(
            await File.ReadAllTextAsync(PackageBench.Fixture("Versioned1/Versioned.deps.json"), TestContext.Current.CancellationToken),
            await File.ReadAllTextAsync(Path.Combine(installed.Path, "Versioned.deps.json"), TestContext.Current.CancellationToken));
        Assert.Equal(PluginState.Active, Assert.Single(await _bench.LoadAsync()).State);
    }

    [Fact]
    public async Task A_package_that_holds_a_published_folder_is_taken_as_it_is()
    {
        _bench.Pack("Acme.Versioned 1.0.0", Published("plugin/"), ["Nowhere 9.0.0", "Sluice.Sdk 1.0.0"]);

        await _bench.AddAsync("Acme.Versioned");

        var loaded = Assert.Single(await _bench.LoadAsync());
        Assert.Equal(("Acme.Versioned", PluginState.Active), (loaded.Name, loaded.State));
    }

    [Theory]
    [InlineData("", "Versioned")]
    [InlineData("Acme/", "Acme")]
    public async Task A_zip_of_a_published_folder_is_taken_with_or_without_the_folder(string prefix, string name)
    {
        var zip = _bench.Zip("acme-1.0.zip", Published(prefix));

        var installed = await _bench.AddAsync(zip);

        var loaded = Assert.Single(await _bench.LoadAsync(requireLock: true));
        Assert.Equal((name, PluginState.Active), (loaded.Name, loaded.State));
        Assert.Equal((null, "acme-1.0.zip"), (installed.Entry.Package, installed.Entry.Source));
    }

    [Fact]
    public async Task A_package_file_is_taken_with_its_dependencies_from_the_feed()
    {
        PackDependency("1.0.0");
        var file = _bench.Pack("Versioned 1.0.0", new() { ["lib/net10.0/Versioned.dll"] = PackageBench.Fixture("Versioned1/Versioned.dll") }, ["Dependency 1.0.0"], _bench.PathOf("elsewhere"));

        await _bench.AddAsync(file, "Renamed");

        var loaded = Assert.Single(await _bench.LoadAsync());
        Assert.Equal(("Renamed", PluginState.Active), (loaded.Name, loaded.State));
    }

    [Fact]
    public async Task The_newest_stable_version_is_taken_where_none_is_named()
    {
        _bench.PackSample("1.0.0");
        _bench.PackSample("1.1.0");
        _bench.PackSample("2.0.0-beta");

        Assert.Equal("1.1.0", (await _bench.AddAsync("sample")).Entry.Version);
        Assert.Equal("2.0.0-beta", (await _bench.AddAsync("Sample@2.0.0-beta")).Entry.Version);
    }

    [Fact]
    public async Task Another_version_takes_the_place_of_the_one_that_is_there_and_the_same_files_are_left_alone()
    {
        var zip = _bench.Zip("one.zip", Published("Versioned/"));
        await _bench.AddAsync(zip);
        File.WriteAllText(Path.Combine(_bench.Plugins, "Versioned", "stale.txt"), "");

        Assert.Equal(Change.Replaced, (await _bench.AddAsync(zip)).Change);
        Assert.Equal(Change.Unchanged, (await _bench.AddAsync(zip)).Change);

        Assert.Equal(["Versioned", "Versioned/Dependency.dll", "Versioned/Versioned.deps.json", "Versioned/Versioned.dll", "plugins.lock.json"], _bench.Listing());
    }

    [Fact]
    public async Task What_can_not_be_loaded_leaves_the_version_that_is_there()
    {
        await _bench.AddAsync(_bench.Zip("good.zip", Published("Versioned/")));
        var bad = _bench.Zip("bad.zip", new() { ["Versioned/Versioned.dll"] = null, ["Versioned/Versioned.deps.json"] = null });

        await _bench.RefusedAsync("not-dotnet", bad);

        Assert.Equal(PluginState.Active, Assert.Single(await _bench.LoadAsync(requireLock: true)).State);
    }

    [Fact]
    public async Task What_only_loading_finds_is_refused_as_well()
    {
        using var directory = PluginsDirectory.Open(_bench.Plugins);
        var installer = new PackageInstaller(directory, new(), (_, _) => Task.FromResult<System.Collections.Immutable.ImmutableArray<Rejection>>([new("no-nodes", "It has none.")]));

        var refused = await Assert.ThrowsAsync<PackageException>(() => installer.AddAsync(_bench.Zip("a.zip", Published("")), null, TestContext.Current.CancellationToken));

        Assert.Equal("no-nodes", refused.Rule);
        Assert.Empty(directory.Names);
    }

    [Theory]
    [InlineData("Nope", "unknown-package", "--source")]
    [InlineData("Sample@7.0.0", "unknown-version", "1.6.0, 1.5.0, 1.4.0, 1.3.0, 1.2.0 and 1 older")]
    [InlineData("Sample@seven", "package-name", "Sample@1.2.3")]
    [InlineData("../Sample", "package-name", "PACKAGE@VERSION")]
    [InlineData("nowhere.nupkg", "unreadable", "nowhere.nupkg")]
    public async Task What_is_not_there_is_refused_with_what_is(string what, string rule, string says)
    {
        foreach (var minor in Enumerable.Range(1, 6))
        {
            _bench.PackSample($"1.{minor}.0");
        }

        Assert.Contains(says, await _bench.RefusedAsync(rule, what), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_with_pre_releases_alone_asks_for_the_version()
    {
        _bench.PackSample("2.0.0-beta");

        Assert.Contains("Sample@2.0.0-beta", await _bench.RefusedAsync("unknown-version", "Sample"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feed_that_is_not_there_is_named()
    {
        _bench.Options = new() { Feeds = [_bench.PathOf("no-feed")] };

        Assert.Contains("no-feed", await _bench.RefusedAsync("feed", "Sample"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_built_against_a_newer_SDK_is_refused_before_anything_of_it_is_unpacked()
    {
        _bench.PackSample("1.0.0", "Sluice.Sdk 1.9.0");

        var own = typeof(Sdk.INode).Assembly.GetName().Version!.ToString(2);
        Assert.Contains($"Sluice.Sdk 1.9, and this host has {own}", await _bench.RefusedAsync("sdk-newer", "Sample"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_that_needs_newer_logging_abstractions_than_all_plugins_share_is_refused()
    {
        _bench.PackSample("1.0.0", "Microsoft.Extensions.Logging.Abstractions 99.0.0");

        await _bench.RefusedAsync("shared-newer", "Sample");
    }

    [Fact]
    public async Task A_package_for_other_frameworks_is_refused_with_those_it_is_for()
    {
        _bench.Pack("Sample 1.0.0", new() { ["lib/net48/Sample.dll"] = null, ["lib/net99.0/Sample.dll"] = null }, []);

        Assert.Contains("net48, net99.0", await _bench.RefusedAsync("framework", "Sample"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_without_a_library_is_no_plugin()
    {
        _bench.Pack("Sample 1.0.0", new() { ["content/readme.txt"] = null }, []);

        await _bench.RefusedAsync("not-a-plugin", "Sample");
    }

    [Fact]
    public async Task A_library_that_is_no_plugin_is_refused_with_the_rule_it_breaks()
    {
        _bench.Pack("NoSdk 1.0.0", new() { ["lib/net10.0/NoSdk.dll"] = PackageBench.Fixture("NoSdk/NoSdk.dll") }, []);

        await _bench.RefusedAsync("sdk-missing", "NoSdk");
    }

    [Fact]
    public async Task A_file_that_is_no_package_is_refused()
    {
        var text = Path.Combine(_bench.Feed, "text.nupkg");
        await File.WriteAllTextAsync(text, "not a package", TestContext.Current.CancellationToken);

        await _bench.RefusedAsync("corrupt", text);
        await _bench.RefusedAsync("corrupt", Rename(_bench.Zip("no-manifest.zip", new() { ["a.txt"] = null })));
    }

    [Fact]
    public async Task A_name_that_no_folder_may_have_is_refused()
    {
        var zip = _bench.Zip("a.zip", Published(""));

        foreach (var name in new[] { "..", ".hidden", "a/b", "", "a b" })
        {
            Assert.Equal("plugin-name", (await Assert.ThrowsAsync<PackageException>(() => _bench.AddAsync(zip, name))).Rule);
        }

        Assert.Empty(_bench.Listing());
    }

    [Fact]
    public async Task A_broken_lock_file_is_told_and_kept_as_it_is()
    {
        await File.WriteAllTextAsync(Path.Combine(_bench.Plugins, LockFile.FileName), "{", TestContext.Current.CancellationToken);

        var broken = await Assert.ThrowsAsync<LockFileException>(() => _bench.AddAsync(_bench.Zip("a.zip", Published(""))));

        Assert.Contains("sluice plugins lock", broken.Message, StringComparison.Ordinal);
        Assert.Equal(["plugins.lock.json"], _bench.Listing());
    }

    private static Dictionary<string, string?> Published(string prefix) => new()
    {
        [prefix + "Versioned.dll"] = PackageBench.Fixture("Versioned1/Versioned.dll"),
        [prefix + "Versioned.deps.json"] = PackageBench.Fixture("Versioned1/Versioned.deps.json"),
        [prefix + "Dependency.dll"] = PackageBench.Fixture("Versioned1/Dependency.dll"),
    };

    private static string Rename(string zip)
    {
        var package = Path.ChangeExtension(zip, ".nupkg");
        File.Move(zip, package);
        return package;
    }

    private void PackVersioned(string version, params string[] dependencies) =>
        _bench.Pack($"Versioned {version}", new() { ["lib/net10.0/Versioned.dll"] = PackageBench.Fixture("Versioned1/Versioned.dll") }, dependencies);

    private void PackDependency(string version) =>
        _bench.Pack($"Dependency {version}", new() { ["lib/netstandard2.0/Dependency.dll"] = PackageBench.Fixture("Versioned1/Dependency.dll") }, []);
}
