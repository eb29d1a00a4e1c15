using System.Reflection;
using System.Runtime.Loader;

namespace Sluice.Sdk.Testing;

/// <summary>A collectible load context for a plugin, as in a host: the SDK and its dependencies are shared, all other assemblies are private.</summary>
/// <param name="entry">The path of the entry assembly.</param>
/// <param name="isFolder">Whether the plugin's dependencies are beside it. If not, those of the test are used.</param>
internal sealed class PluginFolderContext(string entry, bool isFolder) : AssemblyLoadContext("unloads", isCollectible: true)
{
    private static readonly string?[] Shared =
        [typeof(INode).Assembly.GetName().Name, .. typeof(INode).Assembly.GetReferencedAssemblies().Select(reference => reference.Name)];

    private readonly AssemblyDependencyResolver? _dependencies = isFolder ? new(entry) : null;

    public Assembly LoadEntry() => LoadFromAssemblyPath(entry);

    protected override Assembly? Load(AssemblyName assemblyName) =>
        !Shared.Contains(assemblyName.Name) && _dependencies?.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _dependencies?.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
}
