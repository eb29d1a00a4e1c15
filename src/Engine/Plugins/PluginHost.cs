using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Plugins.Loading;
using Sluice.Engine.Plugins.Locking;
using Sluice.Engine.Plugins.Processes;
using Sluice.Engine.Plugins.Verification;

namespace Sluice.Engine.Plugins;

/// <summary>
/// The plugins of this host: loads them from their folders, publishes their nodes, swaps them at run time and unloads them. A fault of one
/// plugin never affects another.
/// </summary>
/// <remarks>
/// New content of a folder is loaded beside the old and switched to in one step; the old version drains when no workflow needs it anymore.
/// Changes take turns; calls of nodes never wait for them.
/// </remarks>
internal sealed class PluginHost : IAsyncDisposable
{
    private readonly NodeCatalog _catalog = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly PluginRoster _roster;
    private readonly PluginUnloading _unloading;
    private readonly ShadowStore _shadows;
    private readonly PluginInstaller _installer;
    private readonly PluginIntake _intake;
    private readonly LoadDeadlines _deadlines;
    private readonly ManagementWatch _watch;
    private readonly ILogger _logger;
    private readonly HashSet<string> _unchecked = new(StringComparer.Ordinal);
    private long _swaps;

    /// <param name="shadowDirectory">The directory of the copies that plugins run from; used only by this host.</param>
    /// <param name="logger">Logs every plugin that is loaded, unloaded or misbehaves.</param>
    /// <param name="locked">Decides about admission if only locked plugins are allowed; otherwise null.</param>
    /// <param name="time">The clock; the system's if omitted.</param>
    /// <param name="isolation">Which plugins run in a separate process; none if null.</param>
    /// <param name="loadTimeout">The time limit of loading one plugin, and of one later check of a config; <see
    /// cref="LoadDeadline.Default"/> if null.</param>
    /// <param name="knownDirectory">The directory of the records about plugins across starts; beside the copies if omitted.</param>
    /// <param name="isUnloadable">Whether plugins can be replaced and leave memory. If not, they start faster, for a process that loads
    /// them once and ends.</param>
    public PluginHost(
        string shadowDirectory,
        ILogger logger,
        PluginLock? locked = null,
        TimeProvider? time = null,
        PluginIsolation? isolation = null,
        TimeSpan? loadTimeout = null,
        string? knownDirectory = null,
        bool isUnloadable = true)
    {
        time ??= TimeProvider.System;
        _logger = logger;
        _deadlines = new LoadDeadlines(new PluginThreads(logger), loadTimeout ?? LoadDeadline.Default, time, _stopping.Token);
        // Twice the deadline, because a change includes checking the workflows that use the plugin again.
        _watch = new ManagementWatch(2 * _deadlines.Limit, time, logger);
        _roster = new PluginRoster(_catalog);
        _unloading = new PluginUnloading(_roster, time, logger, _stopping.Token);
        _shadows = new ShadowStore(shadowDirectory, logger, copies: isUnloadable);
        _installer = new PluginInstaller(_shadows, new KnownPluginStore(knownDirectory ?? shadowDirectory), _catalog, _unloading.Discard, _deadlines, locked, isolation, isUnloadable, time, logger);
        _intake = new PluginIntake(_roster, _installer, _deadlines, logger);
    }

    /// <summary>The nodes of all active plugins.</summary>
    public INodeCatalog Catalog => _catalog;

    /// <summary>Every version that is or recently was loaded, and every rejected folder; by folder.</summary>
    public IReadOnlyList<PluginStatus> Plugins => _roster.Statuses;

    /// <summary>The names of the folders with a plugin, valid or rejected.</summary>
    public IReadOnlyList<string> Folders => _roster.Folders;

    /// <summary>Whether the cause of a folder's rejection may be gone, such as a file that could not be read.</summary>
    public bool IsToBeTriedAgain(string folder) => _roster.In(folder).Rejected is { } rejected && rejected.Rejections.Any(rejection => rejection.IsOfMoment);

    /// <summary>Whether a version from this folder is active.</summary>
    public bool IsServing(string folder) => _roster.In(folder).Active is not null;

    /// <summary>Records which folders are missing, for the list of plugins; the plugins themselves are not changed.</summary>
    public void NoteMissing(IReadOnlySet<string> folders, TimeSpan grace) => _roster.NoteMissing(folders, grace);

    /// <summary>The users of nodes; null if there are none.</summary>
    public IPluginUsers? Users { get; set; }

    /// <summary>How many times a folder's new version has replaced an older one.</summary>
    public long Swaps => Interlocked.Read(ref _swaps);

    /// <summary>How many versions have left memory.</summary>
    public long Unloaded => _unloading.Unloaded;

    /// <summary>
    /// The calls of plugin code that missed a deadline while a plugin was loaded, checked or disposed, and have not returned.
    /// </summary>
    public int WrittenOff => _deadlines.WrittenOff.Count;

    /// <summary>Whether a plugin change is far beyond its deadline, so that all others wait.</summary>
    public bool IsStuck => _watch.IsStuck;

    /// <summary>Starts an operation that further changes of plugins wait for; it ends when the result is disposed.</summary>
    /// <param name="what">The operation, to follow "busy with".</param>
    public IDisposable Watch(string what) => _watch.Begin(what);

    /// <summary>How many versions were still in memory a minute after they were unloaded.</summary>
    public long Leaked => _unloading.Leaking;

    /// <summary>
    /// Loads each folder of a directory as a plugin with the folder's name. An invalid plugin is rejected without affecting others. If two
    /// plugins have a node of the same type, the first by name gets it. Folders whose names start with a dot are ignored.
    /// </summary>
    public async Task LoadAllAsync(string pluginsDirectory, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(pluginsDirectory))
        {
            _logger.LogWarning("There is no plugins directory {Directory}, so there are no nodes. Create it, or name another one", pluginsDirectory);
            return;
        }

        await ApplyAsync([.. PluginFolder.In(pluginsDirectory)], [], cancellationToken);
    }

    /// <summary>
    /// Loads the content of changed folders and unloads those that are gone. Content that is unchanged, or was rejected before, has no
    /// effect. If new content is rejected, the folder's previous version stays.
    /// </summary>
    /// <param name="changed">The paths of folders that were added or changed.</param>
    /// <param name="gone">The names of folders that no longer exist.</param>
    /// <param name="cancellationToken">Cancels loading; versions that were switched stay switched.</param>
    public async Task ApplyAsync(IReadOnlyList<string> changed, IReadOnlyList<string> gone, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        using var watched = _watch.Begin("changed folders");
        try
        {
            var withdrawn = Admit(await _intake.AttemptAllAsync(changed, Users is not null, cancellationToken), gone);
            if (withdrawn.Count > 0)
            {
                // Another plugin may wait for its node types.
                var waiting = _roster.Where(entry => entry.Rejections.Any(rejection => rejection.Rule == PluginIntake.TypeTaken)).Select(entry => entry.Path!);
                Admit(await _intake.AttemptAllAsync([.. waiting], Users is not null, cancellationToken), []);
            }

            await SettleAsync(withdrawn, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Unloads the plugin of a folder: removes its nodes from the catalog, waits for active calls, disposes the nodes, and verifies that
    /// the plugin leaves memory. Cancelling ends the wait, not the unloading. Does nothing for a folder without a plugin.
    /// </summary>
    public async Task UnloadAsync(string folder, CancellationToken cancellationToken)
    {
        await ApplyAsync([], [folder], cancellationToken);
        var unloading = _roster.Where(entry => entry.Folder == folder).Select(entry => entry.Unloading ?? Task.CompletedTask);
        await Task.WhenAll(unloading).WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Restores versions that workflows were checked against and that their folders no longer hold, from the stored copies. A version whose
    /// plugin has no folder anymore is not restored: an operator removes a plugin by deleting its folder.
    /// </summary>
    public async Task RestoreAsync(IEnumerable<PluginIdentity> pinned, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        using var watched = _watch.Begin("versions that workflows need");
        try
        {
            foreach (var plugin in pinned.DistinctBy(plugin => plugin.Hash).ExceptBy(_roster.LoadedHashes, plugin => plugin.Hash))
            {
                await RestoreOneAsync(plugin, cancellationToken);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Unloads versions that no folder holds and no workflow needs anymore, and deletes unused copies.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        using var watched = _watch.Begin("unused versions");
        try
        {
            await SettleAsync([], cancellationToken);
            _shadows.RemoveUnused(_roster.LoadedHashes.Concat(Users?.NeededHashes ?? ImmutableHashSet<string>.Empty).ToHashSet());
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Calls nodes that were loaded without a trial: plugin code is compiled at its first call, which would otherwise be that of a request.
    /// </summary>
    public async Task WarmAsync(IReadOnlySet<string> types)
    {
        foreach (var entry in _roster.Where(entry => entry is { State: PluginState.Active, Version.IsKnown: true }))
        {
            await _installer.WarmAsync(entry.Version!, types);
        }
    }

    /// <summary>Stops waiting for plugin code because the host is stopping; calls that still run are written off.</summary>
    public void StopWaiting() => _stopping.Cancel();

    /// <summary>
    /// Disposes and unloads the versions without active calls. Versions in use are left, because the host is about to end. Ends all plugin
    /// processes.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        var entries = _roster.Clear();
        var versions = entries.Where(entry => entry is { Unloading: null, Version: not null }).Select(entry => entry.Version!).ToList();
        versions.ForEach(version => version.Leases.Drain());
        await Task.WhenAll(versions.Where(version => version.Leases.Drained.IsCompleted).Select(version => version.CloseAsync()));
        await Task.WhenAll(entries.Select(entry => entry.Version?.Process?.DisposeAsync().AsTask() ?? Task.CompletedTask));

        _stopping.Dispose();
        _turn.Dispose();
    }

    // Switches all new versions in one step, so that a plugin may move from one folder to another. Returns the withdrawn ones.
    private IReadOnlyList<PluginEntry> Admit(PluginAttempt[] attempts, IReadOnlyList<string> gone)
    {
        var withdrawn = _roster.Where(entry => entry.State == PluginState.Active && gone.Contains(entry.Folder));
        var refused = new List<PluginVersion>();
        _roster.Change(roster =>
        {
            roster.Retire(withdrawn);
            foreach (var folder in gone)
            {
                roster.Clear(folder);
            }

            foreach (var attempt in attempts.OrderBy(attempt => attempt.Folder, StringComparer.Ordinal))
            {
                Admit(roster, attempt, refused);
            }
        });

        foreach (var entry in withdrawn)
        {
            _logger.LogInformation("The folder of plugin {Plugin} {Version} is gone; the plugin is withdrawn", entry.Name, entry.Identity!.Version);
            _unchecked.Add(entry.Name);
        }

        refused.ForEach(_unloading.Discard);
        return withdrawn;
    }

    private void Admit(PluginRoster.Editor roster, PluginAttempt attempt, List<PluginVersion> refused)
    {
        if (attempt.IsKnown)
        {
            // A version that was rejected in between was put back.
            if (_roster.In(attempt.Folder).Active?.Hash == attempt.Hash)
            {
                roster.Clear(attempt.Folder);
            }

            return;
        }

        var taken = attempt.Version is { } candidate ? TakenTypes(candidate) : [];
        if (attempt.Version is { } version && taken.IsEmpty)
        {
            var before = _roster.In(attempt.Folder).Active;
            roster.Admit(PluginEntry.Active(attempt.Folder, version, isInFolder: true));
            Interlocked.Add(ref _swaps, before is null ? 0 : 1);
            _unchecked.Add(version.Identity.Name);
            _logger.LogInformation(
                "Plugin {Plugin} {Version} ({Hash}) is active, with {Count} nodes{Before}",
                version.Identity.Name, version.Identity.Version, attempt.Hash![..12], version.Nodes.Length, before is null ? "" : $", replacing {before.Identity!.Version} ({before.Hash![..12]})");
            return;
        }

        refused.AddRange(attempt.Version is { } unused ? [unused] : []);
        var entry = PluginEntry.Rejected(attempt, [.. attempt.Rejections, .. taken]);
        var known = _roster.In(attempt.Folder).Rejected;
        roster.Reject(entry);
        if (known is null || !known.Rejections.SequenceEqual(entry.Rejections))
        {
            _logger.LogError("Plugin {Plugin} is rejected: {Reason}", attempt.Folder, entry.ToStatus().Reason);
        }
    }

    private ImmutableArray<Rejection> TakenTypes(PluginVersion version) =>
    [
        .. _roster.OwnersOf(version).DistinctBy(owned => owned.Type).Select(owned => new Rejection(
            PluginIntake.TypeTaken,
            $"The node type '{owned.Type}' already belongs to the plugin {owned.Plugin}. "
                + "Give the node another type identifier, or remove one of the two plugins.")),
    ];

    private async Task RestoreOneAsync(PluginIdentity plugin, CancellationToken cancellationToken)
    {
        // The folder that it came from: one of the same plugin, preferably with the same major number.
        if (_roster.ActiveOf(plugin.Name).MaxBy(entry => entry.Identity!.IsCompatibleWith(plugin)) is not { } neighbour)
        {
            return;
        }

        using var deadline = _deadlines.Begin(cancellationToken);
        try
        {
            if (await _installer.RestoreAsync(plugin, neighbour.Folder, deadline) is { } version)
            {
                _roster.Change(roster => roster.Admit(PluginEntry.Active(neighbour.Folder, version, isInFolder: false)));
                _logger.LogInformation("Plugin {Plugin} {Version} ({Hash}) is active again, for the workflows that need it", plugin.Name, plugin.Version, plugin.Hash[..12]);
            }
        }
        catch (PluginRejectedException rejected)
        {
            _logger.LogError("Plugin {Plugin} {Version}, which workflows need, can't be loaded from its copy: {Reason}", plugin.Name, plugin.Version, rejected.Message);
        }
    }

    // Users come before the drain: they move to a newer version before the older one stops admitting calls.
    private async Task SettleAsync(IReadOnlyList<PluginEntry> withdrawn, CancellationToken cancellationToken)
    {
        try
        {
            if (Users is { } users && _unchecked.Count > 0)
            {
                await users.RecheckAsync(_unchecked.ToHashSet(StringComparer.Ordinal), cancellationToken);
            }

            _unchecked.Clear();
            var needed = Users?.NeededHashes ?? ImmutableHashSet<string>.Empty;
            var unneeded = _roster.Where(entry => entry is { State: PluginState.Active, IsInFolder: false } && !needed.Contains(entry.Hash!));
            _roster.Change(roster => roster.Retire(unneeded));
            _unloading.Begin(unneeded);
        }
        finally
        {
            _unloading.Begin(withdrawn);
        }
    }
}
