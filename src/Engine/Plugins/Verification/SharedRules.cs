using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>
/// The rule for shared assemblies: a plugin that needs newer ones than the host has would load, but its calls would fail.
/// </summary>
internal static class SharedRules
{
    private static readonly string _sdk = typeof(INode).Assembly.GetName().Name!;

    // Checks every assembly in the folder, libraries included, because the loader gives all of them the host's copy.
    public static string? Newer(PluginFolder folder)
    {
        // The SDK has its own rule.
        var found =
            from assembly in folder.References
            from reference in assembly.Assemblies
            where reference.Key != _sdk && SharedAssemblies.Versions.TryGetValue(reference.Key, out var host) && reference.Value > host
            select $"{assembly.File} needs {reference.Key} {reference.Value}, and this host has {SharedAssemblies.Versions[reference.Key]}, which every plugin shares. "
                + $"Build the plugin against {reference.Key} {SharedAssemblies.Versions[reference.Key].ToString(2)} or older, or update the host.";
        return found.FirstOrDefault();
    }
}
