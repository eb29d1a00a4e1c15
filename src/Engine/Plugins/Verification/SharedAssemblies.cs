using System.Collections.Frozen;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.Extensions.Logging;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>The assemblies that every plugin gets from the host, whatever its folder holds: the SDK, the logging abstractions, and what these refer to.</summary>
internal static class SharedAssemblies
{
    private static readonly string _runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    /// <summary>The host's versions, by name.</summary>
    public static FrozenDictionary<string, Version> Versions { get; } = Find();

    private static FrozenDictionary<string, Version> Find()
    {
        var found = new Dictionary<string, Version>(StringComparer.OrdinalIgnoreCase);
        Add(typeof(INode).Assembly, found);
        Add(typeof(ILogger).Assembly, found);
        return found.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    // The load context shares what a shared assembly refers to, too.
    private static void Add(Assembly assembly, Dictionary<string, Version> found)
    {
        var name = assembly.GetName();
        if (Path.GetDirectoryName(assembly.Location) == _runtime || !found.TryAdd(name.Name!, name.Version!))
        {
            return;
        }

        foreach (var reference in assembly.GetReferencedAssemblies())
        {
            Add(AssemblyLoadContext.Default.LoadFromAssemblyName(reference), found);
        }
    }
}
