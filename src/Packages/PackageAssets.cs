using System.Collections.Immutable;
using NuGet.Frameworks;

namespace Sluice.Packages;

/// <summary>The kinds of package files that go into a plugin's folder.</summary>
internal enum AssetKind
{
    /// <summary>An assembly.</summary>
    Assembly,

    /// <summary>A satellite assembly with the resources of one language.</summary>
    Resource,

    /// <summary>An assembly for one platform.</summary>
    PlatformAssembly,

    /// <summary>A native library for one platform.</summary>
    Native,
}

/// <summary>One file of a package.</summary>
/// <param name="Path">Its path in the package.</param>
/// <param name="Target">Its path in the plugin's folder, where the runtime looks for it.</param>
/// <param name="Qualifier">The platform (<c>linux-x64</c>), or the language of a satellite assembly; otherwise null.</param>
internal sealed record PackageAsset(AssetKind Kind, string Path, string Target, string? Qualifier);

/// <summary>
/// Selects the files of a package that a plugin needs on this host's framework, as `dotnet publish` does: those of the nearest framework.
/// </summary>
internal static class PackageAssets
{
    private const string Libraries = "lib/";
    private const string Platforms = "runtimes/";

    /// <summary>Returns the folder of the package's libraries; null if it has none at all.</summary>
    /// <exception cref="PackageException">It has libraries, but none for this framework.</exception>
    public static string? LibraryFolder(Package package)
    {
        var frameworks = FrameworksBelow(package, Libraries);
        if (frameworks.Count == 0)
        {
            return null;
        }

        return Nearest(Libraries, frameworks) ?? throw new PackageException(
            "framework",
            $"{package.Label} holds nothing for {Package.Framework.GetShortFolderName()}; it is made for {string.Join(", ", frameworks.Keys.Order(StringComparer.Ordinal))}. "
                + "Install a version that is built for it, or have it built.");
    }

    public static ImmutableArray<PackageAsset> Of(Package package) => [.. Portable(package), .. ForPlatforms(package)];

    /// <summary>The files below <c>runtimes/</c>.</summary>
    public static IEnumerable<PackageAsset> ForPlatforms(Package package)
    {
        var platforms = package.Files.Where(file => file.StartsWith(Platforms, StringComparison.OrdinalIgnoreCase))
            .Select(file => file.Split('/')).Where(parts => parts.Length > 3).Select(parts => parts[1]).Distinct(StringComparer.Ordinal);
        foreach (var platform in platforms.Order(StringComparer.Ordinal))
        {
            var native = $"{Platforms}{platform}/native/";
            var libraries = $"{Platforms}{platform}/lib/";
            var managed = Nearest(libraries, FrameworksBelow(package, libraries));
            foreach (var file in package.Files)
            {
                if (file.StartsWith(native, StringComparison.OrdinalIgnoreCase))
                {
                    yield return new PackageAsset(AssetKind.Native, file, file, platform);
                }
                else if (managed is not null && IsAssemblyIn(managed, file))
                {
                    yield return new PackageAsset(AssetKind.PlatformAssembly, file, file, platform);
                }
            }
        }
    }

    private static IEnumerable<PackageAsset> Portable(Package package)
    {
        if (LibraryFolder(package) is not { } folder)
        {
            yield break;
        }

        foreach (var file in package.Files.Where(file => file.StartsWith(folder, StringComparison.Ordinal)))
        {
            var name = file[folder.Length..];
            if (IsAssemblyIn(folder, file))
            {
                yield return new PackageAsset(AssetKind.Assembly, file, name, null);
            }
            else if (name.Split('/') is [var language, var resource] && resource.EndsWith(".resources.dll", StringComparison.OrdinalIgnoreCase))
            {
                yield return new PackageAsset(AssetKind.Resource, file, name, language);
            }
        }
    }

    // Keyed by folder name; '_._' means "supported, and nothing needed".
    private static Dictionary<string, NuGetFramework> FrameworksBelow(Package package, string folder) => package.Files
        .Where(file => file.StartsWith(folder, StringComparison.OrdinalIgnoreCase))
        .Select(file => file[folder.Length..].Split('/'))
        .Where(parts => parts.Length > 1)
        .Select(parts => parts[0])
        .Distinct(StringComparer.Ordinal)
        .ToDictionary(name => name, NuGetFramework.ParseFolder);

    private static string? Nearest(string folder, Dictionary<string, NuGetFramework> frameworks)
    {
        var nearest = new FrameworkReducer().GetNearest(Package.Framework, frameworks.Values);
        return nearest is null ? null : $"{folder}{frameworks.First(pair => pair.Value.Equals(nearest)).Key}/";
    }

    private static bool IsAssemblyIn(string folder, string file) =>
        file.StartsWith(folder, StringComparison.Ordinal)
        && file.IndexOf('/', folder.Length) < 0
        && file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
}
