using System.Collections.Immutable;
using Sluice.Engine.Plugins.Loading;
using Sluice.Engine.Plugins.Verification;

namespace Sluice.Engine.Plugins;

/// <summary>The nodes of a plugins directory as recorded by earlier loads of the same contents, without loading a plugin.</summary>
internal sealed class KnownNodes
{
    private readonly ImmutableArray<(string Folder, KnownPlugin Plugin)> _plugins;

    private KnownNodes(ImmutableArray<(string Folder, KnownPlugin Plugin)> plugins)
    {
        _plugins = plugins;
        Nodes = [.. plugins.SelectMany(known => known.Plugin.Nodes.Values).OrderBy(node => node.Type, StringComparer.Ordinal)];
    }

    /// <summary>Every node, by type identifier.</summary>
    public IReadOnlyList<NodeDescriptor> Nodes { get; }

    /// <summary>
    /// Reads what is recorded about every plugin of a directory. Null if anything must be loaded first: content that no load has accepted
    /// yet, a folder that can't be read, or two plugins with a node of the same type.
    /// </summary>
    /// <param name="pluginsDirectory">The directory.</param>
    /// <param name="knownDirectory">The directory with the records of earlier loads.</param>
    public static KnownNodes? Read(string pluginsDirectory, string knownDirectory)
    {
        var store = new KnownPluginStore(knownDirectory);
        var plugins = ImmutableArray.CreateBuilder<(string, KnownPlugin)>();
        try
        {
            foreach (var folder in PluginFolder.In(pluginsDirectory))
            {
                if (store.Find(PluginFolder.PluginNameOf(Path.GetFileName(folder)), FolderContent.Hash(folder)) is not { } known)
                {
                    return null;
                }

                plugins.Add((folder, known));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or IrregularFileException)
        {
            // Loading reports what is wrong with it.
            return null;
        }

        var all = new KnownNodes(plugins.ToImmutable());
        return all.Nodes.DistinctBy(node => node.Type).Count() == all.Nodes.Count ? all : null;
    }

    /// <summary>Returns the folders of the plugins that have nodes of these types.</summary>
    public IReadOnlyList<string> FoldersOf(IReadOnlySet<string> types) =>
        [.. _plugins.Where(known => known.Plugin.Nodes.Values.Any(node => types.Contains(node.Type))).Select(known => known.Folder)];
}
