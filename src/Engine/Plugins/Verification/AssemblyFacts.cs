using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>Facts from the metadata of an assembly file, read without loading or running it.</summary>
internal sealed record AssemblyFacts
{
    /// <summary>The key of the assembly metadata that says where the plugin runs.</summary>
    public const string IsolationKey = "Sluice.Isolation";

    /// <summary>The value of <see cref="IsolationKey"/> for a separate process.</summary>
    public const string ProcessIsolation = "process";

    /// <summary>The version to show: the informational version without build metadata, otherwise the assembly version.</summary>
    public required string Version { get; init; }

    /// <summary>The target framework, such as <c>.NETCoreApp,Version=v10.0</c>; null if it is not declared.</summary>
    public required string? TargetFramework { get; init; }

    /// <summary>Whether the author declares that it runs only in a separate process: <c>SluiceIsolation</c> in the project.</summary>
    public bool NeedsProcess { get; init; }

    /// <summary>The referenced assemblies, with the versions it was built against.</summary>
    public required IReadOnlyDictionary<string, Version> References { get; init; }

    /// <summary>The full names of the types that it uses from other assemblies.</summary>
    public required IReadOnlySet<string> UsedTypes { get; init; }

    /// <summary>The methods that it uses from other assemblies: <c>Namespace.Type::Name/number of parameters</c>.</summary>
    public required IReadOnlySet<string> UsedMethods { get; init; }

    /// <summary>
    /// Returns the referenced assemblies of a file, with the versions it was built against; none if it is not a .NET assembly.
    /// </summary>
    public static IReadOnlyDictionary<string, Version> ReferencesOf(string path)
    {
        try
        {
            using var file = new PEReader(File.OpenRead(path));
            return file.HasMetadata ? new MetadataFacts(file.GetMetadataReader()).References() : new Dictionary<string, Version>();
        }
        catch (BadImageFormatException)
        {
            return new Dictionary<string, Version>();
        }
    }

    /// <summary>Reads a file; null if it is not a .NET assembly.</summary>
    public static AssemblyFacts? Read(string path)
    {
        try
        {
            using var file = new PEReader(File.OpenRead(path));
            return file.HasMetadata && file.GetMetadataReader() is { IsAssembly: true } metadata ? new MetadataFacts(metadata).Read() : null;
        }
        catch (BadImageFormatException)
        {
            return null;
        }
    }
}
