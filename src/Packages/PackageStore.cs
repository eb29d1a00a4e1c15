using NuGet.Versioning;

namespace Sluice.Packages;

/// <summary>
/// The packages of one installation: each is downloaded once, checked, and kept in a folder that is deleted with the installation.
/// </summary>
internal sealed class PackageStore(PackageFeeds feeds, PackageSigners signers, UnpackBudget budget, string folder)
{
    private readonly Dictionary<(string Id, NuGetVersion Version), Package> _packages = [];

    public async Task<Package> GetAsync(FoundPackage found, NuGetVersion version, CancellationToken cancellationToken)
    {
        if (_packages.TryGetValue((found.Id, version), out var known))
        {
            return known;
        }

        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{_packages.Count}.nupkg");
        await feeds.DownloadAsync(found, version, path, budget.MaxBytes, cancellationToken);
        var package = await OpenAsync(path, found.Source, $"{found.Id} {version}", cancellationToken);
        if (!package.Id.Equals(found.Id, StringComparison.OrdinalIgnoreCase) || package.Version != version)
        {
            throw new PackageException("corrupt", $"The feed {found.Source} gave {package.Label} for {found.Id} {version}. Tell who runs the feed, or name another with --source.");
        }

        return _packages[(found.Id, version)] = package;
    }

    /// <summary>Checks a package file: its entries, its signature and its manifest.</summary>
    public async Task<Package> OpenAsync(string path, string source, string label, CancellationToken cancellationToken)
    {
        // The limits come first, because checking the signature reads the whole file.
        var package = await Package.ReadAsync(path, source, budget, cancellationToken);
        return package with { Signer = await signers.CheckAsync(path, label, cancellationToken) };
    }
}
