namespace Sluice.Engine.Plugins;

/// <summary>A node can't be called because no version of its plugin that it may run on is here. What needed it waits until one is.</summary>
internal sealed class PluginGoneException(PluginIdentity plugin, string type) : Exception(
    $"The plugin {plugin.Name} {plugin.Version} is not here, and no other version {plugin.Release.Major}.x of it has the node '{type}'. Add the plugin again.")
{
    public PluginIdentity Plugin => plugin;
}
