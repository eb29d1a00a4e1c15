using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Sluice.Engine.Plugins.Loading;

/// <summary>
/// Undoes what a plugin's copy of Microsoft.Data.Sqlite registers with the process at its first connection and can't undo itself: a timer,
/// and two handlers of process events. Each would keep the plugin in memory after it is unloaded.
/// </summary>
/// <remarks>The members are private. If a later version renames one, the plugin stays in memory and is reported as leaking.</remarks>
internal static class SqliteHooks
{
    private const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    /// <summary>Closes the pooled connections and removes the hooks. Call it after the plugin's last call.</summary>
    /// <param name="context">The plugin's load context.</param>
    // Not inlined: a reference to the plugin in the caller's frame would keep it alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Release(AssemblyLoadContext context)
    {
        foreach (var sqlite in context.Assemblies.Where(assembly => assembly.GetName().Name == "Microsoft.Data.Sqlite"))
        {
            Release(sqlite);
        }
    }

    private static void Release(Assembly sqlite)
    {
        try
        {
            sqlite.GetType("Microsoft.Data.Sqlite.SqliteConnection")?.GetMethod("ClearAllPools", Type.EmptyTypes)?.Invoke(null, null);
            var factory = sqlite.GetType("Microsoft.Data.Sqlite.SqliteConnectionFactory");
            var instance = factory?.GetField("Instance", Any)?.GetValue(null);
            (factory?.GetField("_pruneTimer", Any)?.GetValue(instance) as IDisposable)?.Dispose();
        }
        catch (TargetInvocationException)
        {
            // Closing its connections can fail, for example without its native library. The check whether the plugin leaves memory follows
            // in any case.
        }

        foreach (var handler in HandlersOf(sqlite, nameof(AppDomain.ProcessExit)))
        {
            AppDomain.CurrentDomain.ProcessExit -= handler;
        }

        foreach (var handler in HandlersOf(sqlite, nameof(AppDomain.DomainUnload)))
        {
            AppDomain.CurrentDomain.DomainUnload -= handler;
        }
    }

    private static IEnumerable<EventHandler> HandlersOf(Assembly assembly, string name) =>
        typeof(AppDomain).GetField(name, Any)?.GetValue(AppDomain.CurrentDomain) is EventHandler handlers
            ? handlers.GetInvocationList().Cast<EventHandler>().Where(handler => handler.Method.Module.Assembly == assembly)
            : [];
}
