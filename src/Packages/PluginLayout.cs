using System.Collections.Immutable;
using System.Reflection;
using NuGet.Packaging;

namespace Sluice.Packages;

/// <summary>
/// Assembles a plugin's folder from packages: the entry assembly, its dependencies, the files of each platform, and the <c>.deps.json</c>.
/// </summary>
internal sealed class PluginLayout(HostShare host, UnpackBudget budget, string folder, PlatformChoice platforms)
{
    private const string DependencySuffix = ".deps.json";
    private const string AssemblySuffix = ".dll";

    private readonly Dictionary<string, string> _owners = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="closure">The plugin's package, then its dependencies.</param>
    public async Task WriteAsync(ImmutableArray<Package> closure, CancellationToken cancellationToken)
    {
        var root = closure[0];
        if (root.IsWholePlugin)
        {
            await UnpackBelowAsync(root, Package.PluginFolder, cancellationToken);
            return;
        }

        var entry = await UnpackRootAsync(root, cancellationToken);
        var laid = new List<LaidPackage> { new(root, [new PackageAsset(AssetKind.Assembly, entry, entry, null), .. await UnpackAsync(root, Chosen(PackageAssets.ForPlatforms(root)), cancellationToken)]) };
        foreach (var package in closure[1..])
        {
            laid.Add(new LaidPackage(package, await UnpackAsync(package, Chosen(PackageAssets.Of(package)), cancellationToken)));
        }

        if (!Directory.EnumerateFiles(folder, "*" + DependencySuffix).Any())
        {
            DependencyDescription.Write(Path.Combine(folder, Path.ChangeExtension(entry, null) + DependencySuffix), folder, laid);
        }
    }

    // Everything beside the entry assembly belongs to the plugin: its .deps.json, its data, and dependencies that its author packed with
    // it.
    private async Task<string> UnpackRootAsync(Package root, CancellationToken cancellationToken)
    {
        var library = PackageAssets.LibraryFolder(root) ?? throw new PackageException(
            "not-a-plugin", $"{root.Label} holds no library (nothing below lib/ or plugin/), so it is not a plugin. Pack the plugin's project with `dotnet pack`.");
        await UnpackBelowAsync(root, library, cancellationToken);
        var assemblies = Directory.EnumerateFiles(folder, "*" + AssemblySuffix).Select(path => Path.GetFileName(path)).ToArray();
        return assemblies.FirstOrDefault(name => name.Equals(root.Id + AssemblySuffix, StringComparison.OrdinalIgnoreCase))
            ?? assemblies.FirstOrDefault(name => File.Exists(Path.Combine(folder, Path.ChangeExtension(name, DependencySuffix))))
            ?? (assemblies is [var only]
                ? only
                : throw new PackageException(
                    "not-a-plugin",
                    assemblies.Length == 0
                        ? $"{root.Label} holds no assembly in {library}, so it is not a plugin. Pack the plugin's project with `dotnet pack`."
                        : $"{root.Label} holds {string.Join(", ", assemblies)} in {library}, and none is named like the package. Name the package after the entry assembly."));
    }

    private async Task UnpackBelowAsync(Package package, string below, CancellationToken cancellationToken)
    {
        using var reader = new PackageArchiveReader(package.Path);
        foreach (var file in package.Files.Where(file => file.StartsWith(below, StringComparison.OrdinalIgnoreCase) && !file.EndsWith("/_._", StringComparison.Ordinal)))
        {
            await UnpackAsync(reader, package, file, file[below.Length..], cancellationToken);
        }
    }

    private IEnumerable<PackageAsset> Chosen(IEnumerable<PackageAsset> assets) =>
        assets.Where(asset => asset.Kind is not (AssetKind.Native or AssetKind.PlatformAssembly) || platforms.Takes(asset.Qualifier!));

    // Returns what was unpacked; skips what the host provides.
    private async Task<ImmutableArray<PackageAsset>> UnpackAsync(Package package, IEnumerable<PackageAsset> assets, CancellationToken cancellationToken)
    {
        using var reader = new PackageArchiveReader(package.Path);
        var laid = ImmutableArray.CreateBuilder<PackageAsset>();
        foreach (var asset in assets)
        {
            await UnpackAsync(reader, package, asset.Path, asset.Target, cancellationToken);
            var path = Path.Combine(folder, asset.Target);
            if (asset.Kind == AssetKind.Native || NameOf(path) is not { } name || !host.Replaces(WithoutResources(name)))
            {
                laid.Add(asset);
                continue;
            }

            File.Delete(path);
            RemoveEmptyParents(path);
            _owners.Remove(asset.Target);
        }

        return laid.ToImmutable();
    }

    private async Task UnpackAsync(PackageArchiveReader reader, Package package, string file, string target, CancellationToken cancellationToken)
    {
        var path = EntryPath.Checked(package.Label, target);
        if (!_owners.TryAdd(path, package.Label))
        {
            throw new PackageException(
                "conflict", $"{package.Label} and {_owners[path]} both bring {path}. Ask the author of the plugin to leave one of the two packages out.");
        }

        await using var content = await reader.GetStreamAsync(file, cancellationToken);
        await budget.UnpackAsync(package.Label, content, Path.Combine(folder, path), cancellationToken);
    }

    private static AssemblyName WithoutResources(AssemblyName name) =>
        name.Name!.EndsWith(".resources", StringComparison.Ordinal) ? new AssemblyName { Name = name.Name[..^".resources".Length], Version = name.Version } : name;

    private static AssemblyName? NameOf(string path)
    {
        try
        {
            return AssemblyName.GetAssemblyName(path);
        }
        catch (BadImageFormatException)
        {
            return null;
        }
    }

    private void RemoveEmptyParents(string path)
    {
        for (var parent = Path.GetDirectoryName(path)!; parent != folder && !Directory.EnumerateFileSystemEntries(parent).Any(); parent = Path.GetDirectoryName(parent)!)
        {
            Directory.Delete(parent);
        }
    }
}

/// <summary>A package, and its files that were put into the folder.</summary>
internal sealed record LaidPackage(Package Package, ImmutableArray<PackageAsset> Assets);
