namespace Sluice.Engine.Plugins;

/// <summary>
/// Thrown if a node can't be called because no compatible version of its plugin is loaded. The caller waits until one is.
/// </summary>
internal sealed class PluginGoneException(PluginIdentity plugin, string type) : Exception(
    $"The plugin {plugin.Name} {plugin.Version} is not here, and no other version {plugin.Release.Major}.x of it has the node '{type}'. Add the plugin again.")
{
    public PluginIdentity Plugin => plugin;
}
