using System.Collections.Frozen;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.Extensions.Logging;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>
/// The assemblies that every plugin gets from the host, whatever its folder contains: the SDK, the logging abstractions, and their
/// references.
/// </summary>
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

    // The load context also shares the references of shared assemblies.
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
