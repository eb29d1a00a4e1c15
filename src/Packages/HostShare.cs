using System.Reflection;
using Sluice.Engine.Plugins.Verification;
using Sluice.Sdk;

namespace Sluice.Packages;

/// <summary>
/// What the host provides to a plugin, so that the plugin must not contain it: the SDK, the logging abstractions and the .NET runtime.
/// </summary>
internal sealed class HostShare
{
    // Packages without code, from before the runtime contained everything.
    private static readonly HashSet<string> _empty =
        new(["NETStandard.Library", "Microsoft.NETCore.Platforms", "Microsoft.NETCore.Targets", "Microsoft.NETCore.App"], StringComparer.OrdinalIgnoreCase);

    private readonly string _runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    public static string Sdk { get; } = typeof(INode).Assembly.GetName().Name!;

    /// <summary>Whether a package can be skipped, because the host provides it in that version or a later one.</summary>
    /// <exception cref="PackageException">The host provides it to every plugin, but in an older version.</exception>
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

    /// <summary>
    /// Whether the host's assembly with that name replaces the plugin's: always if it is shared, otherwise if it is not older.
    /// </summary>
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
