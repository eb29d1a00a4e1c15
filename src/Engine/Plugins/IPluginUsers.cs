namespace Sluice.Engine.Plugins;

/// <summary>
/// The users of nodes, as the plugin host sees them: it notifies them when versions change, and asks which versions they need.
/// </summary>
internal interface IPluginUsers
{
    /// <summary>The hashes of the versions that they were checked against and still need.</summary>
    IReadOnlySet<string> NeededHashes { get; }

    /// <summary>Checks the users again after versions of these plugins were added or removed.</summary>
    Task RecheckAsync(IReadOnlySet<string> plugins, CancellationToken cancellationToken);
}
