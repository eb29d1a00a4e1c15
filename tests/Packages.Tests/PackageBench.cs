using System.Collections.Immutable;
using System.IO.Compression;
using Microsoft.Extensions.Logging.Abstractions;
using NuGet.Frameworks;
using NuGet.Packaging;
using NuGet.Packaging.Core;
using NuGet.Versioning;
using Sluice.Engine.Plugins;
using Sluice.Engine.Plugins.Locking;
using Sluice.Packages;

namespace Sluice.Packages.Tests;

/// <summary>A folder feed and a plugins directory for one test, and packages made from the fixture plugins.</summary>
internal sealed class PackageBench : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sluice-packages-").FullName;

    public PackageBench()
    {
        Directory.CreateDirectory(Feed);
        Directory.CreateDirectory(Plugins);
    }

    public string Feed => PathOf("feed");

    public string Plugins => PathOf("plugins");

    public PackageOptions Options { get; set; } = new();

    public string PathOf(string name) => Path.Combine(_root, name);

    public static string Fixture(string file) => Path.Combine(AppContext.BaseDirectory, "fixtures", file);

    /// <summary>A package in the feed.</summary>
    /// <param name="name">Id and version: <c>Acme 1.0.0</c>.</param>
    /// <param name="files">By path in the package: the file whose content it has, or null for an empty file.</param>
    /// <param name="dependencies">Ids and ranges: <c>Other [1.0.0, )</c>.</param>
    public string Pack(string name, Dictionary<string, string?> files, string[] dependencies, string? feed = null)
    {
        var builder = new PackageBuilder
        {
            Id = name.Split(' ')[0],
            Version = NuGetVersion.Parse(name.Split(' ')[1]),
            Description = "For a test.",
        };
        builder.Authors.Add("Acme");
        builder.DependencyGroups.Add(new PackageDependencyGroup(NuGetFramework.Parse("net10.0"), dependencies.Select(Dependency)));
        foreach (var (path, source) in files)
        {
            builder.Files.Add(new PhysicalPackageFile(new MemoryStream(source is null ? [] : File.ReadAllBytes(source))) { TargetPath = path });
        }

        var file = Path.Combine(Directory.CreateDirectory(feed ?? Feed).FullName, $"{builder.Id}.{builder.Version}.nupkg");
        using var stream = File.Create(file);
        builder.Save(stream);
        return file;
    }

    /// <summary>A fixture plugin as `dotnet pack` makes it: its assembly alone.</summary>
    public string PackSample(string version, params string[] dependencies) =>
        Pack($"Sample {version}", new() { ["lib/net10.0/Sample.dll"] = Fixture("Sample/Sample.dll") }, dependencies);

    public string Zip(string name, Dictionary<string, string?> files)
    {
        var path = PathOf(name);
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var (entry, source) in files)
        {
            using var content = zip.CreateEntry(entry).Open();
            content.Write(source is null ? [] : File.ReadAllBytes(source));
        }

        return path;
    }

    public async Task<InstalledPlugin> AddAsync(string what, string? name = null)
    {
        using var directory = PluginsDirectory.Open(Plugins);
        var options = Options.Feeds is [] ? Options with { Feeds = [Feed] } : Options;
        return await new PackageInstaller(directory, options, (_, _) => Task.FromResult(ImmutableArray<Rejection>.Empty))
            .AddAsync(what, name, TestContext.Current.CancellationToken);
    }

    /// <summary>Adds what can't be added, and holds it to leaving the directory as it was.</summary>
    public async Task<string> RefusedAsync(string rule, string what)
    {
        var before = Listing();
        var refused = await Assert.ThrowsAsync<PackageException>(() => AddAsync(what));
        Assert.Equal(rule, refused.Rule);
        Assert.Equal(before, Listing());
        return refused.Message;
    }

    /// <summary>The plugins as a host loads them.</summary>
    public async Task<IReadOnlyList<PluginStatus>> LoadAsync(bool requireLock = false)
    {
        await using var host = new PluginHost(PathOf("shadows"), NullLogger.Instance, requireLock ? new PluginLock(Plugins) : null);
        await host.LoadAllAsync(Plugins, TestContext.Current.CancellationToken);
        return host.Plugins;
    }

    /// <summary>All that lies in the plugins directory, hidden or not.</summary>
    public string[] Listing() =>
        [.. Directory.EnumerateFileSystemEntries(Plugins, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Plugins, path)).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static PackageDependency Dependency(string text)
    {
        var parts = text.Split(' ', 2);
        return new PackageDependency(parts[0], VersionRange.Parse(parts[1]));
    }
}
