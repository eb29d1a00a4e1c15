using System.Reflection;
using Sluice.Engine.Plugins.Verification;
using Sluice.Sdk;

namespace Sluice.Packages;

/// <summary>What a plugin gets from the host, and so must not bring along: the SDK, the logging abstractions, and the .NET runtime.</summary>
internal sealed class HostShare
{
    // Packages without code of their own, of the days before the runtime held everything.
    private static readonly HashSet<string> _empty =
        new(["NETStandard.Library", "Microsoft.NETCore.Platforms", "Microsoft.NETCore.Targets", "Microsoft.NETCore.App"], StringComparer.OrdinalIgnoreCase);

    private readonly string _runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    public static string Sdk { get; } = typeof(INode).Assembly.GetName().Name!;

    /// <summary>Whether a package need not be looked for: the host has what it holds, in that version or a later one.</summary>
    /// <exception cref="PackageException">The host has it, for every plugin, and too old a one.</exception>
    public bool Has(string id, Version minimum, string dependent)
    {
        if (_empty.Contains(id))
        {
            return true;
        }

        if (SharedAssemblies.Versions.TryGetValue(id, out var shared))
        {
            return MajorMinor(minimum) <= MajorMinor(shared) ? true : throw TooNew(id, minimum, shared, dependent);
        }

        return RuntimeVersion(id) is { } runtime && MajorMinor(minimum) <= MajorMinor(runtime);
    }

    /// <summary>Whether the host's own assembly of that name is used in place of a plugin's: always where it is shared, else where it is not older.</summary>
    public bool Replaces(AssemblyName assembly) =>
        SharedAssemblies.Versions.ContainsKey(assembly.Name!) || (RuntimeVersion(assembly.Name!) is { } runtime && assembly.Version <= runtime);

    private static PackageException TooNew(string id, Version minimum, Version shared, string dependent) => new(
        id == Sdk ? "sdk-newer" : "shared-newer",
        $"{dependent} needs {id} {MajorMinor(minimum)}, and this host has {MajorMinor(shared)}, which every plugin shares. "
            + "Install an older version of the plugin, have it built against the host's, or update the host.");

    private Version? RuntimeVersion(string name)
    {
        var path = Path.Combine(_runtime, name + ".dll");
        return File.Exists(path) ? AssemblyName.GetAssemblyName(path).Version : null;
    }

    private static Version MajorMinor(Version version) => new(version.Major, version.Minor);
}
