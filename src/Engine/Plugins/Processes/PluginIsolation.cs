namespace Sluice.Engine.Plugins.Processes;

/// <summary>Where a plugin's code runs.</summary>
internal enum Isolation
{
    /// <summary>In the host, in a load context of its own.</summary>
    Context,

    /// <summary>In a process of its own.</summary>
    Process,
}

/// <summary>Which plugins run in the host and which in a process of their own: the operator's choice.</summary>
/// <param name="Default">For plugins that are not named.</param>
/// <param name="ByPlugin">By the plugin's name, in any case.</param>
/// <param name="Settings">How processes are started and held.</param>
internal sealed record PluginIsolation(Isolation Default, IReadOnlyDictionary<string, Isolation> ByPlugin, ProcessSettings Settings)
{
    public Isolation Of(string plugin) => ByPlugin.GetValueOrDefault(plugin, Default);

    /// <summary>Where a plugin runs that can't run in the host: in a process, unless the operator has named it.</summary>
    public Isolation OfProcessOnly(string plugin) => ByPlugin.GetValueOrDefault(plugin, Isolation.Process);
}
