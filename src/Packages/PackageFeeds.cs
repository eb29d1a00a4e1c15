using System.Collections.Immutable;
using NuGet.Common;
using NuGet.Configuration;
using NuGet.Packaging.Core;
using NuGet.Protocol;
using NuGet.Protocol.Core.Types;
using NuGet.Versioning;

namespace Sluice.Packages;

/// <summary>
/// The NuGet feeds that packages come from, in order. The first feed that knows a package's id serves all its versions, so that a newer
/// package with the same id on a later feed can't replace it.
/// </summary>
internal sealed class PackageFeeds : IDisposable
{
    private readonly ImmutableArray<SourceRepository> _repositories;
    private readonly Dictionary<string, FoundPackage?> _found = new(StringComparer.OrdinalIgnoreCase);
    private readonly SourceCacheContext _cache = new() { NoCache = true, DirectDownload = true };

    /// <param name="sources">
    /// Addresses of NuGet v3 indexes, folders, or names of feeds in the user's NuGet configuration, whose credentials are used. If empty,
    /// every feed that the configuration enables, as with `dotnet restore`.
    /// </param>
    public PackageFeeds(IReadOnlyList<string> sources)
    {
        var known = PackageSourceProvider.LoadPackageSources(Settings.LoadDefaultSettings(root: null)).ToArray();
        var chosen = sources.Count > 0 ? sources.Select(source => Source(source, known)) : known.Where(source => source.IsEnabled);
        _repositories = [.. chosen.Select(source => Repository.Factory.GetCoreV3(source))];
    }

    public string Names => string.Join(", ", _repositories.Select(repository => repository.PackageSource.Source));

    /// <summary>Finds the versions of a package, in ascending order, and the feed that serves them; null if no feed knows its id.</summary>
    public async Task<FoundPackage?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!_found.TryGetValue(id, out var found))
        {
            _found[id] = found = await LookForAsync(id, cancellationToken);
        }

        return found;
    }

    /// <summary>Returns the newest listed version that is not a prerelease; null if there is none.</summary>
    public Task<NuGetVersion?> LatestAsync(FoundPackage package, CancellationToken cancellationToken) => AskAsync(
        package.Feed,
        async (MetadataResource metadata) =>
        {
            var listed = await metadata.GetVersions(package.Id, includePrerelease: false, includeUnlisted: false, _cache, NullLogger.Instance, cancellationToken);
            return listed.DefaultIfEmpty(null).Max();
        },
        cancellationToken);

    /// <summary>Downloads a package of bounded size to a file.</summary>
    public async Task DownloadAsync(FoundPackage package, NuGetVersion version, string path, long most, CancellationToken cancellationToken)
    {
        await using var file = new BoundedFile(path, most);
        try
        {
            await AskAsync(
                package.Feed,
                async (FindPackageByIdResource packages) => await packages.CopyNupkgToStreamAsync(package.Id, version, file, _cache, NullLogger.Instance, cancellationToken)
                    ? true
                    : throw new PackageException("feed", $"The feed {package.Source} lists {package.Id} {version} but does not serve it. Try again, or name another version."),
                cancellationToken);
        }
        catch (Exception) when (file.IsFull)
        {
            // NuGet throws many types of exceptions.
            throw new PackageException(
                "too-large", $"The feed {package.Source} sends more than {most} bytes for {package.Id} {version} (Plugins:MaxUnpackedBytes). Raise that only for a feed that you trust.");
        }
    }

    public void Dispose() => _cache.Dispose();

    private async Task<FoundPackage?> LookForAsync(string id, CancellationToken cancellationToken)
    {
        foreach (var repository in _repositories)
        {
            var versions = await AskAsync(
                repository,
                (FindPackageByIdResource packages) => packages.GetAllVersionsAsync(id, _cache, NullLogger.Instance, cancellationToken),
                cancellationToken);
            if (versions.Order().ToImmutableArray() is { IsEmpty: false } sorted)
            {
                return new FoundPackage(id, sorted, repository);
            }
        }

        return null;
    }

    private static async Task<TResult> AskAsync<TResource, TResult>(
        SourceRepository feed, Func<TResource, Task<TResult>> ask, CancellationToken cancellationToken)
        where TResource : class, INuGetResource
    {
        try
        {
            var resource = await feed.GetResourceAsync<TResource>(cancellationToken)
                ?? throw new PackageException("feed", $"The feed {feed.PackageSource.Source} does not speak version 3 of NuGet's protocol. Name its index.json with --source.");
            return await ask(resource);
        }
        catch (Exception exception) when (exception is NuGetProtocolException or HttpRequestException or IOException or UnauthorizedAccessException or PackagingException)
        {
            var cause = exception.InnerException is { } inner ? $" {inner.Message}" : "";
            throw new PackageException(
                "feed", $"The feed {feed.PackageSource.Source} can't be read: {exception.Message}{cause} Check its address and the network, or name another with --source.", exception);
        }
    }

    private static PackageSource Source(string given, IEnumerable<PackageSource> known)
    {
        if (known.FirstOrDefault(source => source.Name.Equals(given, StringComparison.OrdinalIgnoreCase) || source.Source.TrimEnd('/') == given.TrimEnd('/')) is { } configured)
        {
            return configured;
        }

        return given.StartsWith("http:", StringComparison.OrdinalIgnoreCase) || given.StartsWith("https:", StringComparison.OrdinalIgnoreCase)
            ? new PackageSource(given)
            : Directory.Exists(given)
                ? new PackageSource(Path.GetFullPath(given))
                : throw new PackageException("feed", $"There is no feed '{given}': it is not an address (https://…/index.json), a folder or a feed of the NuGet configuration.");
    }
}

/// <summary>A package that a feed knows.</summary>
internal sealed record FoundPackage(string Id, ImmutableArray<NuGetVersion> Versions, SourceRepository Feed)
{
    public string Source => Feed.PackageSource.Source;
}
