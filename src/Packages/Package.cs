using System.Collections.Immutable;
using NuGet.Frameworks;
using NuGet.Packaging;
using NuGet.Packaging.Core;
using NuGet.Versioning;

namespace Sluice.Packages;

/// <summary>A checked package file on this machine.</summary>
internal sealed record Package
{
    /// <summary>The folder of a package that contains a whole published plugin.</summary>
    public const string PluginFolder = "plugin/";

    public required string Id { get; init; }

    public required NuGetVersion Version { get; init; }

    public required string Path { get; init; }

    /// <summary>The feed or file it came from.</summary>
    public required string Source { get; init; }

    /// <summary>The fingerprint of the certificate that signed it; null if it is not signed.</summary>
    public string? Signer { get; init; }

    /// <summary>Its files, without those of the package format.</summary>
    public required ImmutableArray<string> Files { get; init; }

    /// <summary>The dependencies of its code for this host's framework.</summary>
    public required ImmutableArray<PackageDependency> Dependencies { get; init; }

    /// <summary>Whether it contains the whole plugin, including dependencies.</summary>
    public bool IsWholePlugin => Files.Any(file => file.StartsWith(PluginFolder, StringComparison.OrdinalIgnoreCase));

    public string Label => $"{Id} {Version}";

    /// <summary>The framework that this host runs plugins on.</summary>
    public static NuGetFramework Framework { get; } =
        new(FrameworkConstants.FrameworkIdentifiers.NetCoreApp, new Version(Environment.Version.Major, Environment.Version.Minor));

    /// <exception cref="PackageException">The file is not a package, or must not be unpacked.</exception>
    public static async Task<Package> ReadAsync(string path, string source, UnpackBudget budget, CancellationToken cancellationToken)
    {
        using (var archive = Archive.Open(path, budget))
        {
            await archive.CheckContentAsync(cancellationToken);
        }

        try
        {
            using var reader = new PackageArchiveReader(path);
            var identity = reader.GetIdentity();
            return new Package
            {
                Id = identity.Id,
                Version = identity.Version,
                Path = path,
                Source = source,
                // The names in a package are URI-escaped; unescaped, they may differ from those that the archive was checked for.
                Files = [.. reader.GetFiles().Select(file => EntryPath.Checked(System.IO.Path.GetFileName(path), file))],
                Dependencies = DependenciesOf(reader),
            };
        }
        catch (Exception exception) when (exception is PackagingException or InvalidDataException or System.Xml.XmlException or ArgumentException or FormatException)
        {
            throw new PackageException("corrupt", $"{System.IO.Path.GetFileName(path)} is not a NuGet package: {exception.Message} Pack it with `dotnet pack`, or download it again.", exception);
        }
    }

    private static ImmutableArray<PackageDependency> DependenciesOf(PackageArchiveReader reader)
    {
        var group = NuGetFrameworkUtility.GetNearest(reader.NuspecReader.GetDependencyGroups(), Framework, group => group.TargetFramework);
        return [.. (group?.Packages ?? []).Where(dependency => !dependency.Exclude.Any(asset => asset.ToUpperInvariant() is "RUNTIME" or "ALL"))];
    }
}
