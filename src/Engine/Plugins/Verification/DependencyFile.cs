using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>
/// A <c>.deps.json</c>, read as strictly as the runtime's own reader needs it: that one trusts the file, and a member that it misses ends the
/// process (measured: .NET 10.0.12, <c>runtimeTarget</c> missing).
/// </summary>
internal sealed record DependencyFile(
    DependencyFile.Target RuntimeTarget,
    Dictionary<string, Dictionary<string, DependencyFile.Package>> Targets,
    Dictionary<string, DependencyFile.Library> Libraries)
{
    /// <summary>The assemblies that the plugin runs with, as the file names them: by their path in the package they come from.</summary>
    [JsonIgnore]
    public IEnumerable<string> Assemblies => Targets[RuntimeTarget.Name].Values.SelectMany(package => package.Runtime.Keys);

    /// <summary>Reads a file; the problem where it is not what it should be.</summary>
    public static (DependencyFile? File, string? Problem) Read(string path)
    {
        try
        {
            var file = JsonSerializer.Deserialize(File.ReadAllBytes(path), DependencyFileJson.Default.DependencyFile);
            return file?.Targets.GetValueOrDefault(file.RuntimeTarget.Name) is null ? (null, "the target that it names is not in it") : (file, null);
        }
        catch (JsonException exception)
        {
            return (null, exception.Message);
        }
    }

    internal sealed record Target(string Name);

    // Structs, for a null is then refused like any other wrong type. Set, not init: the generated reader would forget the defaults.
    internal record struct Package()
    {
        public Dictionary<string, Asset> Runtime { get; set; } = [];

        public Dictionary<string, Asset> Resources { get; set; } = [];

        public Dictionary<string, Asset> Native { get; set; } = [];

        public Dictionary<string, PlatformAsset> RuntimeTargets { get; set; } = [];
    }

    internal readonly record struct Asset;

    internal readonly record struct PlatformAsset
    {
        public required string Rid { get; init; }

        public required string AssetType { get; init; }
    }

    internal readonly record struct Library
    {
        public required string Type { get; init; }

        public required bool Serviceable { get; init; }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(DependencyFile))]
internal sealed partial class DependencyFileJson : JsonSerializerContext;
