using System.Collections.Immutable;

namespace Sluice.Engine.Plugins;

/// <summary>
/// Every plugin version that the host knows, and the catalog derived from them. A change and its catalog become visible together.
/// </summary>
internal sealed class PluginRoster(NodeCatalog catalog)
{
    // Unloaded versions are listed for a while; this bounds the list of a host that swaps a thousand times.
    private const int MostUnloaded = 16;

    private readonly Lock _gate = new();

    // In order of arrival.
    private readonly List<PluginEntry> _entries = [];

    /// <summary>By folder; for each folder its current version first, then the previous ones, newest first.</summary>
    public IReadOnlyList<PluginStatus> Statuses
    {
        get
        {
            lock (_gate)
            {
                return
                [
                    .. _entries.Index()
                        .OrderBy(item => item.Item.Folder, StringComparer.Ordinal)
                        .ThenByDescending(item => item.Item is { State: PluginState.Active, IsInFolder: true })
                        .ThenByDescending(item => item.Index)
                        .Select(item => item.Item.ToStatus()),
                ];
            }
        }
    }

    /// <summary>The folders with a plugin, valid or rejected.</summary>
    public IReadOnlyList<string> Folders => Read(entries => entries.Where(entry => entry.IsInFolder).Select(entry => entry.Folder).Distinct());

    /// <summary>Returns the folders of a plugin with an active version.</summary>
    public IReadOnlyList<PluginEntry> ActiveOf(string plugin) =>
        Read(entries => entries.Where(entry => entry.Name == plugin && entry is { State: PluginState.Active, IsInFolder: true }));

    /// <summary>The hashes of all loaded versions.</summary>
    public IReadOnlyList<string> LoadedHashes => Read(entries => entries.Where(entry => entry.Version is not null).Select(entry => entry.Hash!));

    /// <summary>Returns a folder's active version, and the rejection of its newest content.</summary>
    public (PluginEntry? Active, PluginEntry? Rejected) In(string folder)
    {
        lock (_gate)
        {
            return (
                _entries.Find(entry => entry.Folder == folder && entry is { IsInFolder: true, State: PluginState.Active }),
                _entries.Find(entry => entry.Folder == folder && entry is { State: PluginState.Rejected }));
        }
    }

    /// <summary>Returns the node types of a version that another plugin already has, with that plugin's name.</summary>
    public IReadOnlyList<(string Type, string Plugin)> OwnersOf(PluginVersion version) => Read(entries =>
        from node in version.Nodes
        from entry in entries
        where entry.State == PluginState.Active && entry.Name != version.Identity.Name && entry.NodeTypes.Contains(node.Descriptor.Type)
        select (node.Descriptor.Type, entry.Name));

    /// <summary>Changes several entries atomically for readers of the catalog.</summary>
    public void Change(Action<Editor> change)
    {
        lock (_gate)
        {
            change(new Editor(_entries));
            Trim();
            catalog.Publish(InRank().SelectMany(entry => entry.Version!.Nodes));
        }
    }

    /// <summary>Records which folders are currently missing. Changes nothing else, in particular not the catalog.</summary>
    public void NoteMissing(IReadOnlySet<string> folders, TimeSpan grace)
    {
        lock (_gate)
        {
            foreach (var entry in _entries)
            {
                entry.RemovalGrace = entry.IsInFolder && folders.Contains(entry.Folder) ? grace : null;
            }
        }
    }

    /// <summary>Removes all entries, empties the catalog, and returns what was loaded.</summary>
    public IReadOnlyList<PluginEntry> Clear()
    {
        lock (_gate)
        {
            PluginEntry[] all = [.. _entries];
            _entries.Clear();
            catalog.Publish([]);
            return all;
        }
    }

    /// <summary>Returns the entries that match a condition.</summary>
    public IReadOnlyList<PluginEntry> Where(Func<PluginEntry, bool> condition) => Read(entries => entries.Where(condition));

    // Current versions of folders before previous ones; higher versions before lower ones; of two folders with the same version, the last
    // by name.
    private IEnumerable<PluginEntry> InRank() => _entries
        .Where(entry => entry.State == PluginState.Active)
        .OrderByDescending(entry => entry.IsInFolder)
        .ThenByDescending(entry => entry.Identity!.Release)
        .ThenByDescending(entry => entry.Folder, StringComparer.Ordinal);

    private void Trim()
    {
        var gone = _entries.Where(entry => entry.IsGone).ToList();
        foreach (var entry in gone.Take(gone.Count - MostUnloaded))
        {
            _entries.Remove(entry);
        }
    }

    private ImmutableArray<T> Read<T>(Func<IEnumerable<PluginEntry>, IEnumerable<T>> read)
    {
        lock (_gate)
        {
            return [.. read(_entries)];
        }
    }

    /// <summary>Edits the roster within one change.</summary>
    internal readonly struct Editor(List<PluginEntry> entries)
    {
        /// <summary>Makes a version the current one of its folder. The previous one stays loaded until it is retired.</summary>
        public void Admit(PluginEntry entry)
        {
            if (entry.IsInFolder)
            {
                Clear(entry.Folder);
                foreach (var before in entries.Where(other => other.Folder == entry.Folder))
                {
                    before.IsInFolder = false;
                }
            }

            entries.Add(entry);
        }

        /// <summary>Records why a folder's content was rejected. The folder's previous version stays.</summary>
        public void Reject(PluginEntry entry)
        {
            Clear(entry.Folder);
            entries.Add(entry);
        }

        /// <summary>Forgets the rejection of a folder's content; if its code still runs, it is listed as leaking.</summary>
        public void Clear(string folder)
        {
            foreach (var entry in entries.Where(other => other.Folder == folder && other is { State: PluginState.Rejected, WrittenOff.Count: > 0 }))
            {
                entry.State = PluginState.Leaking;
                entry.IsInFolder = false;
            }

            entries.RemoveAll(other => other.Folder == folder && other.State is PluginState.Rejected);
        }

        /// <summary>Removes versions from the catalog. They admit calls until their leases drain.</summary>
        public void Retire(IEnumerable<PluginEntry> retired)
        {
            foreach (var entry in retired.Where(entries.Contains))
            {
                entry.State = PluginState.Draining;
                entry.IsInFolder = false;
            }
        }
    }
}
