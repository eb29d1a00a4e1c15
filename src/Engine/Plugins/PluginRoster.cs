using System.Collections.Immutable;

namespace Sluice.Engine.Plugins;

/// <summary>Every version of every plugin that the host knows, and the catalogue that follows from them. A change and its catalogue show at once.</summary>
internal sealed class PluginRoster(NodeCatalog catalog)
{
    // Versions that are gone are listed for a while; a host that swaps a thousand times does not list them all.
    private const int MostUnloaded = 16;

    private readonly Lock _gate = new();

    // In the order of their coming.
    private readonly List<PluginEntry> _entries = [];

    /// <summary>By folder; of one folder what it holds now, then what it held before, the youngest first.</summary>
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

    /// <summary>The folders that hold something, good or bad.</summary>
    public IReadOnlyList<string> Folders => Read(entries => entries.Where(entry => entry.IsInFolder).Select(entry => entry.Folder).Distinct());

    /// <summary>The folders of a plugin whose version is active.</summary>
    public IReadOnlyList<PluginEntry> ActiveOf(string plugin) =>
        Read(entries => entries.Where(entry => entry.Name == plugin && entry is { State: PluginState.Active, IsInFolder: true }));

    /// <summary>The hashes of all versions that are loaded.</summary>
    public IReadOnlyList<string> LoadedHashes => Read(entries => entries.Where(entry => entry.Version is not null).Select(entry => entry.Hash!));

    /// <summary>What a folder holds now: its active version, and why its newest content was rejected.</summary>
    public (PluginEntry? Active, PluginEntry? Rejected) In(string folder)
    {
        lock (_gate)
        {
            return (
                _entries.Find(entry => entry.Folder == folder && entry is { IsInFolder: true, State: PluginState.Active }),
                _entries.Find(entry => entry.Folder == folder && entry is { State: PluginState.Rejected }));
        }
    }

    /// <summary>The node types of a version that another plugin has, with that plugin's name.</summary>
    public IReadOnlyList<(string Type, string Plugin)> OwnersOf(PluginVersion version) => Read(entries =>
        from node in version.Nodes
        from entry in entries
        where entry.State == PluginState.Active && entry.Name != version.Identity.Name && entry.NodeTypes.Contains(node.Descriptor.Type)
        select (node.Descriptor.Type, entry.Name));

    /// <summary>Changes several entries at once: nobody sees the nodes of only some of them.</summary>
    public void Change(Action<Editor> change)
    {
        lock (_gate)
        {
            change(new Editor(_entries));
            Trim();
            catalog.Publish(InRank().SelectMany(entry => entry.Version!.Nodes));
        }
    }

    /// <summary>Notes which folders are missing at the moment. Nothing else changes with that, the catalogue least of all.</summary>
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

    /// <summary>Forgets everything and gives back what was loaded; nothing is in the catalogue from here on.</summary>
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

    /// <summary>Those that hold for a condition.</summary>
    public IReadOnlyList<PluginEntry> Where(Func<PluginEntry, bool> condition) => Read(entries => entries.Where(condition));

    // What a folder holds comes before what it held; the higher version before the lower; of two folders with one version, the last by name.
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

    /// <summary>What may be done to the roster in one change.</summary>
    internal readonly struct Editor(List<PluginEntry> entries)
    {
        /// <summary>Puts a version in the place of what its folder held, which stays loaded until it is retired.</summary>
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

        /// <summary>Notes why a folder's content was rejected; what the folder held before stays.</summary>
        public void Reject(PluginEntry entry)
        {
            Clear(entry.Folder);
            entries.Add(entry);
        }

        /// <summary>Forgets that a folder's content was rejected; if its code still runs, it is listed as leaking.</summary>
        public void Clear(string folder)
        {
            foreach (var entry in entries.Where(other => other.Folder == folder && other is { State: PluginState.Rejected, WrittenOff.Count: > 0 }))
            {
                entry.State = PluginState.Leaking;
                entry.IsInFolder = false;
            }

            entries.RemoveAll(other => other.Folder == folder && other.State is PluginState.Rejected);
        }

        /// <summary>Takes versions out of the catalogue; they let calls in until their leases drain.</summary>
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
