using System.Collections.Immutable;
using Sluice.Engine.Plugins;
using Sluice.Engine.Plugins.Locking;
using Sluice.Engine.Plugins.Verification;

namespace Sluice.Packages;

/// <summary>
/// Installs a plugin from a feed, a package file or a zip file: staged, verified and locked before it is moved in. A failed installation
/// leaves nothing behind.
/// </summary>
/// <param name="directory">The plugins directory.</param>
/// <param name="options">Where packages come from, and which are allowed.</param>
/// <param name="tryLoad">Loads a plugin's folder as a trial, and returns the problems of its nodes.</param>
internal sealed class PackageInstaller(PluginsDirectory directory, PackageOptions options, Func<string, CancellationToken, Task<ImmutableArray<Rejection>>> tryLoad)
{
    private readonly HostShare _host = new();
    private readonly PackageSigners _signers = new(options.AllowedSigners);

    /// <param name="what">PACKAGE, PACKAGE@VERSION, or the path of a <c>.nupkg</c> or <c>.zip</c> file.</param>
    /// <param name="name">The name of the plugin; null for the package's id, or the name in the zip file.</param>
    /// <exception cref="PackageException">It can't be installed.</exception>
    public async Task<InstalledPlugin> AddAsync(string what, string? name, CancellationToken cancellationToken)
    {
        var platforms = PlatformChoice.Parse(options.Runtime);
        var stage = directory.Stage();
        try
        {
            var budget = new UnpackBudget(options.Limits);
            var staged = IsFile(what, ".zip")
                ? await StageZipAsync(what, name, stage, budget, cancellationToken)
                : await StagePackageAsync(what, name, stage, budget, platforms, cancellationToken);
            await VerifyAsync(staged.Folder, what, cancellationToken);
            return Settle(staged);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackageException("directory", $"{what} can't be installed into {directory.Path}: {exception.Message} Check its permissions and the free space.", exception);
        }
        finally
        {
            Directory.Delete(stage, recursive: true);
        }
    }

    private async Task<Staged> StagePackageAsync(
        string what, string? name, string stage, UnpackBudget budget, PlatformChoice platforms, CancellationToken cancellationToken)
    {
        using var feeds = new PackageFeeds(options.Feeds);
        var store = new PackageStore(feeds, _signers, budget, Path.Combine(stage, ".packages"));
        var root = await RootAsync(what, feeds, store, cancellationToken);
        if (root.Dependencies.FirstOrDefault(dependency => dependency.Id.Equals(HostShare.Sdk, StringComparison.OrdinalIgnoreCase)) is { } sdk)
        {
            _ = _host.Has(sdk.Id, sdk.VersionRange.MinVersion?.Version ?? new Version(0, 0), root.Label);
        }

        ImmutableArray<Package> closure = root.IsWholePlugin ? [root] : await new ClosureResolver(feeds, store, _host).ResolveAsync(root, cancellationToken);
        var folder = FolderFor(name ?? root.Id, stage);
        await new PluginLayout(_host, budget, folder, platforms).WriteAsync(closure, cancellationToken);
        return new Staged(folder, root.Id, root.Version.ToNormalizedString(), root.Source, root.Signer, [.. closure.Skip(1).Select(package => package.Label)]);
    }

    private static async Task<Package> RootAsync(string what, PackageFeeds feeds, PackageStore store, CancellationToken cancellationToken)
    {
        if (IsFile(what, ".nupkg"))
        {
            return await store.OpenAsync(Path.GetFullPath(what), Path.GetFileName(what), Path.GetFileName(what), cancellationToken);
        }

        var (found, version) = await PackageChoice.Parse(what).FindAsync(feeds, cancellationToken);
        return await store.GetAsync(found, version, cancellationToken);
    }

    private async Task<Staged> StageZipAsync(string what, string? name, string stage, UnpackBudget budget, CancellationToken cancellationToken)
    {
        if (_signers.IsRestricted)
        {
            throw new PackageException("not-signed", $"{what} is a zip file, which can't be signed, and Plugins:AllowedSigners is set. Install a signed package.");
        }

        using var archive = Archive.Open(what, budget);
        await archive.CheckContentAsync(cancellationToken);
        var shape = ZipShape.Of(archive);
        var folder = FolderFor(name ?? shape.Name, stage);
        await archive.UnpackAsync(shape.Prefix, folder, cancellationToken);
        return new Staged(folder, null, null, archive.Name, null, []);
    }

    private async Task VerifyAsync(string folder, string what, CancellationToken cancellationToken)
    {
        // The trial decides about what only a separate process can load, because it knows where the plugin will run.
        var rejections = FolderRules.CheckForProcess(PluginFolder.Read(folder));
        if (rejections.IsEmpty)
        {
            rejections = await tryLoad(folder, cancellationToken);
        }

        if (!rejections.IsEmpty)
        {
            throw new PackageException(
                rejections[0].Rule, $"{what} is not a plugin that this host can load: {string.Join(" ", rejections.Select(rejection => $"{rejection.Rule}: {rejection.Message}"))}");
        }
    }

    // The lock comes first: a host that accepts only locked plugins may check the folder as soon as it exists.
    private InstalledPlugin Settle(Staged staged)
    {
        var name = Path.GetFileName(staged.Folder);
        var hash = FolderContent.Hash(staged.Folder);
        var isThere = directory.Holds(name);
        var isSame = isThere && FolderContent.Hash(directory.PathOf(name)) == hash;
        var content = PluginFolder.Read(staged.Folder);
        var entry = new LockEntry
        {
            Name = name,
            Package = staged.Package,
            Version = staged.Version ?? content.Entry!.Version,
            Source = staged.Source,
            Hash = hash,
            Signer = staged.Signer,
        };
        var before = LockFile.Read(directory.Path);
        (before ?? LockFile.Empty).With(entry).Write(directory.Path);
        if (!isSame)
        {
            Place(staged.Folder, before);
        }

        return new InstalledPlugin(entry, directory.PathOf(name), staged.Dependencies, isSame ? Change.Unchanged : isThere ? Change.Replaced : Change.Added)
        {
            ProcessOnly = FolderRules.ProcessOnly(content),
        };
    }

    private void Place(string folder, LockFile? before)
    {
        try
        {
            directory.Place(folder);
        }
        catch
        {
            (before ?? LockFile.Empty).Write(directory.Path);
            throw;
        }
    }

    private static string FolderFor(string name, string stage)
    {
        var isName = name.Length > 0 && name[0] != '.' && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');
        return isName
            ? Directory.CreateDirectory(Path.Combine(stage, name)).FullName
            : throw new PackageException("plugin-name", $"'{name}' can't be the name of a plugin: letters, digits, dots, hyphens and underscores, no dot at the start. Give one with --name.");
    }

    private static bool IsFile(string what, string extension)
    {
        if (!what.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        return File.Exists(what) ? true : throw new PackageException("unreadable", $"There is no file {Path.GetFullPath(what)}.");
    }

    private sealed record Staged(string Folder, string? Package, string? Version, string Source, string? Signer, ImmutableArray<string> Dependencies);
}

/// <summary>The operator's settings for installing plugins.</summary>
internal sealed record PackageOptions
{
    /// <summary>See <see cref="PackageFeeds"/>.</summary>
    public IReadOnlyList<string> Feeds { get; init; } = [];

    /// <summary>See <see cref="PackageSigners"/>.</summary>
    public IReadOnlyList<string> AllowedSigners { get; init; } = [];

    /// <summary>The only platform whose native files are kept, such as <c>linux-x64</c>; null for all platforms.</summary>
    public string? Runtime { get; init; }

    public UnpackLimits Limits { get; init; } = new();
}

/// <summary>An installed plugin.</summary>
internal sealed record InstalledPlugin(LockEntry Entry, string Path, ImmutableArray<string> Dependencies, Change Change)
{
    /// <summary>Why it can't run in the host process; empty if it can.</summary>
    public ImmutableArray<Rejection> ProcessOnly { get; init; } = [];
}

/// <summary>What an installation changed.</summary>
internal enum Change
{
    /// <summary>There was no plugin with that name.</summary>
    Added,

    /// <summary>It replaced another version.</summary>
    Replaced,

    /// <summary>The same files existed already and were not changed.</summary>
    Unchanged,
}
