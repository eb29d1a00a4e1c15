namespace Sluice.Engine.Plugins;

/// <summary>Those who hold on to nodes, as the plugins see them: they are told when versions come and go, and say which ones they need.</summary>
internal interface IPluginUsers
{
    /// <summary>The hashes of the versions that they were checked against and still need.</summary>
    IReadOnlySet<string> NeededHashes { get; }

    /// <summary>Looks at the catalogue again, after versions of these plugins have come or gone.</summary>
    Task RecheckAsync(IReadOnlySet<string> plugins, CancellationToken cancellationToken);
}
