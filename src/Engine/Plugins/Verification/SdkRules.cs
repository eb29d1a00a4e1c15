using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>The rules for the SDK, the assembly that the plugin and the host share.</summary>
internal static class SdkRules
{
    private static readonly string _name = typeof(INode).Assembly.GetName().Name!;
    private static readonly Version _host = MajorMinor(typeof(INode).Assembly.GetName().Version!);

    public static string? Missing(PluginFolder folder) =>
        folder.Entry!.References.ContainsKey(_name)
            ? null
            : $"{folder.EntryName} does not use {_name}, so it has no nodes. "
                + $"Reference the package {_name} and write a class that derives from Node<TConfig, TOutput>.";

    // Every plugin uses the host's copy; with an older copy the plugin would load without any nodes.
    public static string? Newer(PluginFolder folder) =>
        folder.Entry!.References.TryGetValue(_name, out var built) && MajorMinor(built) > _host
            ? $"{folder.EntryName} is built against {_name} {MajorMinor(built)}, and this host has {_host}. "
                + $"Build the plugin against {_name} {_host} or older, or update the host."
            : null;

    public static string? Copy(PluginFolder folder) =>
        folder.Files.Contains(_name + ".dll", StringComparer.OrdinalIgnoreCase)
            ? $"The folder holds a copy of {_name}.dll, which belongs to the host. Reference the SDK with Private=\"false\" and ExcludeAssets=\"runtime\", "
                + "publish again, and delete the file here."
            : null;

    private static Version MajorMinor(Version version) => new(version.Major, version.Minor);
}
