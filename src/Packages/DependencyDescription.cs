using System.Reflection;
using Microsoft.Extensions.DependencyModel;

namespace Sluice.Packages;

/// <summary>Writes the <c>.deps.json</c> of a folder assembled from packages, as the .NET SDK would when publishing.</summary>
internal static class DependencyDescription
{
    public static void Write(string path, string folder, IReadOnlyList<LaidPackage> packages)
    {
        var here = packages.ToDictionary(laid => laid.Package.Id, laid => laid.Package, StringComparer.OrdinalIgnoreCase);
        var context = new DependencyContext(
            new TargetInfo(Package.Framework.DotNetFrameworkName, runtime: null, runtimeSignature: null, isPortable: true),
            CompilationOptions.Default,
            compileLibraries: [],
            packages.Select((laid, index) => Library(laid, index == 0 ? "project" : "package", folder, here)),
            runtimeGraph: []);
        using var file = new FileStream(path, FileMode.CreateNew);
        new DependencyContextWriter().Write(context, file);
    }

    private static RuntimeLibrary Library(LaidPackage laid, string type, string folder, Dictionary<string, Package> here) => new(
        type,
        laid.Package.Id,
        laid.Package.Version.ToNormalizedString(),
        hash: "",
        Groups(laid, folder, AssetKind.Assembly, AssetKind.PlatformAssembly),
        Groups(laid, folder, AssetKind.Native, AssetKind.Native),
        [.. laid.Assets.Where(asset => asset.Kind == AssetKind.Resource).Select(asset => new ResourceAssembly(asset.Path, asset.Qualifier!))],
        [.. laid.Package.Dependencies.Where(dependency => here.ContainsKey(dependency.Id)).Select(dependency => new Dependency(dependency.Id, here[dependency.Id].Version.ToNormalizedString()))],
        serviceable: false);

    private static RuntimeAssetGroup[] Groups(LaidPackage laid, string folder, AssetKind portable, AssetKind platform) =>
    [
        .. laid.Assets.Where(asset => asset.Kind == portable || asset.Kind == platform)
            .GroupBy(asset => asset.Qualifier ?? "")
            .Select(group => new RuntimeAssetGroup(group.Key, group.Select(asset => FileOf(asset, folder)))),
    ];

    private static RuntimeFile FileOf(PackageAsset asset, string folder) => asset.Kind == AssetKind.Native
        ? new RuntimeFile(asset.Path, assemblyVersion: null, fileVersion: null)
        : new RuntimeFile(asset.Path, VersionOf(Path.Combine(folder, asset.Target)), fileVersion: null);

    private static string? VersionOf(string path)
    {
        try
        {
            return AssemblyName.GetAssemblyName(path).Version?.ToString();
        }
        catch (BadImageFormatException)
        {
            // Not reported here: the rules for folders report what is wrong with it.
            return null;
        }
    }
}
