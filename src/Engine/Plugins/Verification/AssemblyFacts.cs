using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>What the metadata of an assembly file says about it; nothing is loaded or run to read it.</summary>
internal sealed record AssemblyFacts
{
    /// <summary>The key of the assembly's metadata that says where the plugin runs.</summary>
    public const string IsolationKey = "Sluice.Isolation";

    /// <summary>The value of <see cref="IsolationKey"/> for a process of its own.</summary>
    public const string ProcessIsolation = "process";

    /// <summary>The version to show: the informational one without its build metadata, else that of the assembly.</summary>
    public required string Version { get; init; }

    /// <summary>The framework it was built for, as in <c>.NETCoreApp,Version=v10.0</c>; null where it does not say.</summary>
    public required string? TargetFramework { get; init; }

    /// <summary>Whether its author says that it runs in a process of its own only: <c>SluiceIsolation</c> in its project.</summary>
    public bool NeedsProcess { get; init; }

    /// <summary>The assemblies it refers to, with the version it was built against.</summary>
    public required IReadOnlyDictionary<string, Version> References { get; init; }

    /// <summary>The full names of the types of other assemblies that it uses.</summary>
    public required IReadOnlySet<string> UsedTypes { get; init; }

    /// <summary>The methods of other assemblies that it uses: <c>Namespace.Type::Name/number of parameters</c>.</summary>
    public required IReadOnlySet<string> UsedMethods { get; init; }

    /// <summary>The assemblies that a file refers to, with the version it was built against; none where it is not a .NET assembly.</summary>
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

    /// <summary>Reads a file; null where it is not a .NET assembly.</summary>
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
