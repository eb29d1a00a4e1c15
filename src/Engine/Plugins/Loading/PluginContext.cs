using System.Reflection;
using System.Runtime.Loader;
using McMaster.NETCore.Plugins;
using Microsoft.Extensions.Logging;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Loading;

/// <summary>
/// A plugin's own collectible load context, which shares only the SDK and the logging abstractions with the host. Hides the library that
/// implements it.
/// </summary>
internal sealed class PluginContext : IDisposable
{
    private readonly PluginLoader _loader;

    private PluginContext(PluginLoader loader, Assembly entry)
    {
        _loader = loader;
        Entry = entry;
    }

    public Assembly Entry { get; }

    /// <summary>Refers to the context until the plugin leaves memory.</summary>
    public WeakReference Trace => new(AssemblyLoadContext.GetLoadContext(Entry));

    /// <summary>Loads an entry assembly; its dependencies are loaded on demand.</summary>
    /// <param name="entryPath">The entry assembly.</param>
    /// <param name="isUnloadable">Whether it can be unloaded; its code is then compiled again for each version, without tiering.</param>
    /// <exception cref="PluginRejectedException">It can't be loaded.</exception>
    public static PluginContext Load(string entryPath, bool isUnloadable = true)
    {
        try
        {
            return LoadDefault(entryPath, isUnloadable);
        }
        catch (Exception exception) when (exception is BadImageFormatException or FileLoadException or FileNotFoundException or InvalidOperationException)
        {
            throw new PluginRejectedException("unloadable",
                $"{Path.GetFileName(entryPath)} can't be loaded: {exception.Message} Publish the plugin again, for any CPU.");
        }
    }

    private static PluginContext LoadDefault(string entryPath, bool isUnloadable)
    {
        var loader = new PluginLoader(new PluginConfig(entryPath)
        {
            IsUnloadable = isUnloadable,
            SharedAssemblies = { typeof(INode).Assembly.GetName(), typeof(ILogger).Assembly.GetName() },
        });
        try
        {
            return new PluginContext(loader, loader.LoadDefaultAssembly());
        }
        catch
        {
            loader.Dispose();
            throw;
        }
    }

    /// <summary>Starts unloading. The context leaves memory when nothing refers to it anymore, including this object.</summary>
    public void Dispose()
    {
        SqliteHooks.Release(AssemblyLoadContext.GetLoadContext(Entry)!);
        _loader.Dispose();
    }
}
