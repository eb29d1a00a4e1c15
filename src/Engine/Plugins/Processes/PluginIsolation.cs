namespace Sluice.Engine.Plugins.Processes;

/// <summary>Where a plugin's code runs.</summary>
internal enum Isolation
{
    /// <summary>In the host process, in its own load context.</summary>
    Context,

    /// <summary>In a separate process.</summary>
    Process,
}

/// <summary>The operator's choice of which plugins run in the host and which in a separate process.</summary>
/// <param name="Default">The isolation of plugins that are not named.</param>
/// <param name="ByPlugin">The isolation by the plugin's name, ignoring case.</param>
/// <param name="Settings">How processes are started and limited.</param>
internal sealed record PluginIsolation(Isolation Default, IReadOnlyDictionary<string, Isolation> ByPlugin, ProcessSettings Settings)
{
    public Isolation Of(string plugin) => ByPlugin.GetValueOrDefault(plugin, Default);

    /// <summary>Returns where a plugin runs that can't run in the host: in a process, unless the operator has named it.</summary>
    public Isolation OfProcessOnly(string plugin) => ByPlugin.GetValueOrDefault(plugin, Isolation.Process);
}
