using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Plugins.Loading;
using Sluice.Engine.Plugins.Locking;
using Sluice.Engine.Plugins.Processes;
using Sluice.Engine.Plugins.Verification;

namespace Sluice.Engine.Plugins;

/// <summary>
/// The plugins of this host: loads them from their folders, offers their nodes, swaps them while they run, unloads them. One plugin's fault never
/// touches another.
/// </summary>
/// <remarks>
/// A folder's new content is loaded beside the old, switched to in one step, and the old version drains once no workflow needs it. Changes take
/// turns; whoever calls a node waits for none of them.
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

    /// <param name="shadowDirectory">Where the copies that plugins run from are kept; this host's alone.</param>
    /// <param name="logger">Hears of every plugin that comes, goes or misbehaves.</param>
    /// <param name="locked">Where only locked plugins are let in, what decides; else null.</param>
    /// <param name="time">The clock; the system's where none is given.</param>
    /// <param name="isolation">Which plugins run in a process of their own; none where it is null.</param>
    /// <param name="loadTimeout">How long one plugin may take to load, and one check of a config later; <see cref="LoadDeadline.Default"/> where it is null.</param>
    /// <param name="knownDirectory">Where what was found about plugins is kept across starts; beside the copies if omitted.</param>
    /// <param name="isUnloadable">Whether a plugin can be replaced and leave memory; if not, it starts sooner, for a process that loads it once and ends.</param>
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
        // Twice the deadline: the workflows that use a plugin are checked again before its change is over.
        _watch = new ManagementWatch(2 * _deadlines.Limit, time, logger);
        _roster = new PluginRoster(_catalog);
        _unloading = new PluginUnloading(_roster, time, logger, _stopping.Token);
        _shadows = new ShadowStore(shadowDirectory, logger, copies: isUnloadable);
        _installer = new PluginInstaller(_shadows, new KnownPluginStore(knownDirectory ?? shadowDirectory), _catalog, _unloading.Discard, _deadlines, locked, isolation, isUnloadable, time, logger);
        _intake = new PluginIntake(_roster, _installer, _deadlines, logger);
    }

    /// <summary>The nodes of all active plugins.</summary>
    public INodeCatalog Catalog => _catalog;

    /// <summary>Every version that is loaded or was lately, and every folder that was rejected; by folder.</summary>
    public IReadOnlyList<PluginStatus> Plugins => _roster.Statuses;

    /// <summary>The names of the folders that hold a plugin, good or bad.</summary>
    public IReadOnlyList<string> Folders => _roster.Folders;

    /// <summary>Whether what was in the way of a folder's content may be gone by now, a file that could not be read for example.</summary>
    public bool IsToBeTriedAgain(string folder) => _roster.In(folder).Rejected is { } rejected && rejected.Rejections.Any(rejection => rejection.IsOfMoment);

    /// <summary>Whether a version of what a folder holds, or held, is active.</summary>
    public bool IsServing(string folder) => _roster.In(folder).Active is not null;

    /// <summary>Notes which folders are missing, for the listing of plugins; the plugins stay as they are.</summary>
    public void NoteMissing(IReadOnlySet<string> folders, TimeSpan grace) => _roster.NoteMissing(folders, grace);

    /// <summary>Who holds on to nodes; null while nobody does.</summary>
    public IPluginUsers? Users { get; set; }

    /// <summary>How often a folder's new version took the place of an older one.</summary>
    public long Swaps => Interlocked.Read(ref _swaps);

    /// <summary>How many versions were seen gone from memory.</summary>
    public long Unloaded => _unloading.Unloaded;

    /// <summary>The calls of plugin code that missed a deadline while a plugin was loaded, checked or disposed, and have not returned.</summary>
    public int WrittenOff => _deadlines.WrittenOff.Count;

    /// <summary>Whether a plugin change runs far beyond its deadline, so that all others wait.</summary>
    public bool IsStuck => _watch.IsStuck;

    /// <summary>Begins something that all further changes of the plugins wait for, and that ends when what it returns is disposed.</summary>
    /// <param name="what">What it is, to follow "busy with".</param>
    public IDisposable Watch(string what) => _watch.Begin(what);

    /// <summary>How many versions were still in memory a minute after they were unloaded.</summary>
    public long Leaked => _unloading.Leaking;

    /// <summary>
    /// Takes on what each folder of a directory holds, as a plugin named like the folder. A bad one is rejected, and that is all. Of two plugins with
    /// a node of the same type, the one that comes first by name has it. Folders whose name starts with a dot are left alone.
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
    /// Takes on the content of changed folders and lets go of those that are gone. Content that is the same as before, or was rejected before,
    /// changes nothing. Where new content is rejected, the version that the folder held stays.
    /// </summary>
    /// <param name="changed">The paths of folders that were added or changed.</param>
    /// <param name="gone">The names of folders that are not there any more.</param>
    /// <param name="cancellationToken">Ends it; what was switched stays so.</param>
    public async Task ApplyAsync(IReadOnlyList<string> changed, IReadOnlyList<string> gone, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        using var watched = _watch.Begin("changed folders");
        try
        {
            var withdrawn = Admit(await _intake.AttemptAllAsync(changed, Users is not null, cancellationToken), gone);
            if (withdrawn.Count > 0)
            {
                // Its node types may be what another plugin waits for.
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
    /// Lets go of what a folder held: its nodes leave the catalogue, the calls that still run are waited for, the nodes disposed, and it is looked
    /// whether the plugin is really gone from memory. Cancelling ends the wait, not the unloading. Does nothing for a folder that holds nothing.
    /// </summary>
    public async Task UnloadAsync(string folder, CancellationToken cancellationToken)
    {
        await ApplyAsync([], [folder], cancellationToken);
        var unloading = _roster.Where(entry => entry.Folder == folder).Select(entry => entry.Unloading ?? Task.CompletedTask);
        await Task.WhenAll(unloading).WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Loads versions that workflows were checked against and that their folders no longer hold, from the copies that were kept. A version whose
    /// plugin has no folder any more stays away: that is how an operator removes it.
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

    /// <summary>Lets go of versions that no folder holds and no workflow needs any more, and of copies that nothing will run from.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        using var watched = _watch.Begin("versions that nobody needs");
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

    /// <summary>Calls the nodes of these types that were not tried when they were loaded: code of plugins is compiled at its first call, which would else be a request's.</summary>
    public async Task WarmAsync(IReadOnlySet<string> types)
    {
        foreach (var entry in _roster.Where(entry => entry is { State: PluginState.Active, Version.IsKnown: true }))
        {
            await _installer.WarmAsync(entry.Version!, types);
        }
    }

    /// <summary>Stops waiting for plugin code, because the host stops: calls that still run are written off.</summary>
    public void StopWaiting() => _stopping.Cancel();

    /// <summary>
    /// Disposes and unloads what no call uses. What is still in use stays as it is: the host is about to end. No plugin's process is left.
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

    // Switches to all that is new in one step, so that a plugin may move from one folder to another. Gives back what was withdrawn.
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
            _logger.LogInformation("The folder of plugin {Plugin} {Version} is gone; it is withdrawn", entry.Name, entry.Identity!.Version);
            _unchecked.Add(entry.Name);
        }

        refused.ForEach(_unloading.Discard);
        return withdrawn;
    }

    private void Admit(PluginRoster.Editor roster, PluginAttempt attempt, List<PluginVersion> refused)
    {
        if (attempt.IsKnown)
        {
            // What was rejected in between was put back.
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
                version.Identity.Name, version.Identity.Version, attempt.Hash![..12], version.Nodes.Length, before is null ? "" : $", in the place of {before.Identity!.Version} ({before.Hash![..12]})");
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
        // The folder it came from: one of its plugin, best of the same major number.
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

    // The users first, the drain then: whoever can move to a newer version has moved before the older one lets nobody in.
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
