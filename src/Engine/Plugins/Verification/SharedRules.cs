using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>The rule about what the host shares with every plugin: a plugin that needs more than the host has would load, and its calls fail.</summary>
internal static class SharedRules
{
    private static readonly string _sdk = typeof(INode).Assembly.GetName().Name!;

    // Every assembly in the folder is asked, a library of the plugin's as well as its entry: the loader gives all of them the host's copy.
    public static string? Newer(PluginFolder folder)
    {
        // The SDK has a rule of its own.
        var found =
            from assembly in folder.References
            from reference in assembly.Assemblies
            where reference.Key != _sdk && SharedAssemblies.Versions.TryGetValue(reference.Key, out var host) && reference.Value > host
            select $"{assembly.File} needs {reference.Key} {reference.Value}, and this host has {SharedAssemblies.Versions[reference.Key]}, which every plugin shares. "
                + $"Build the plugin against {reference.Key} {SharedAssemblies.Versions[reference.Key].ToString(2)} or older, or update the host.";
        return found.FirstOrDefault();
    }
}
