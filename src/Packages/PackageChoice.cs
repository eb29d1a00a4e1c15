using System.Collections.Immutable;
using NuGet.Packaging;
using NuGet.Versioning;

namespace Sluice.Packages;

/// <summary>A package as named on the command line: <c>PACKAGE</c> or <c>PACKAGE@VERSION</c>.</summary>
internal sealed record PackageChoice(string Id, NuGetVersion? Version)
{
    private const int Shown = 5;

    /// <exception cref="PackageException">It is not the name of a package.</exception>
    public static PackageChoice Parse(string text)
    {
        var parts = text.Split('@', 2);
        if (!PackageIdValidator.IsValidPackageId(parts[0]))
        {
            throw new PackageException("package-name", $"'{text}' names neither a package nor a file. Write PACKAGE, PACKAGE@VERSION, or the path of a .nupkg or .zip file.");
        }

        NuGetVersion? version = null;
        return parts.Length == 1 || NuGetVersion.TryParse(parts[1], out version)
            ? new PackageChoice(parts[0], version)
            : throw new PackageException("package-name", $"'{parts[1]}' is not a version. Write it as {parts[0]}@1.2.3.");
    }

    /// <summary>Finds it on the feeds: the given version, otherwise the newest listed version that is not a prerelease.</summary>
    public async Task<(FoundPackage Package, NuGetVersion Version)> FindAsync(PackageFeeds feeds, CancellationToken cancellationToken)
    {
        var found = await feeds.FindAsync(Id, cancellationToken)
            ?? throw new PackageException("unknown-package", $"There is no package {Id} on {feeds.Names}. Check the name, or name another feed with --source.");
        if (Version is not null)
        {
            return found.Versions.Contains(Version)
                ? (found, Version)
                : throw new PackageException("unknown-version", $"{Id} has no version {Version} on {found.Source}; it has {Newest(found.Versions)}. Name one of these.");
        }

        return await feeds.LatestAsync(found, cancellationToken) is { } latest
            ? (found, latest)
            : throw new PackageException(
                "unknown-version", $"{Id} has only pre-releases or unlisted versions on {found.Source}: {Newest(found.Versions)}. Name one: {Id}@{found.Versions[^1]}.");
    }

    /// <summary>Returns the newest versions for a message, newest first.</summary>
    public static string Newest(ImmutableArray<NuGetVersion> versions)
    {
        var shown = string.Join(", ", versions.Reverse().Take(Shown));
        return versions.Length > Shown ? $"{shown} and {versions.Length - Shown} older" : shown;
    }
}
