using System.Text.Json;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>Whether the assemblies that a plugin's <c>.deps.json</c> names are really there: a folder that was copied by half is found here.</summary>
internal static class DependencyRules
{
    // What the host itself can offer: its own assemblies and those of the framework.
    private static readonly HashSet<string> _hostAssemblies =
        ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator)
        .Select(path => Path.GetFileName(path))
        .ToHashSet(StringComparer.OrdinalIgnoreCase);

    public static string? MissingFile(PluginFolder folder)
    {
        var dependencyFile = Path.ChangeExtension(folder.EntryName!, ".deps.json");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder.Path, dependencyFile)));
            var missing = RuntimeFiles(document.RootElement).Where(file => !IsThere(folder, file)).Distinct().ToArray();
            return missing.Length == 0
                ? null
                : $"{dependencyFile} names {string.Join(", ", missing)}, and the folder lacks it. Copy all that 'dotnet publish' makes.";
        }
        catch (JsonException exception)
        {
            return $"{dependencyFile} is not valid JSON ({exception.Message}). Publish the plugin again and copy all of it.";
        }
    }

    private static IEnumerable<string> RuntimeFiles(JsonElement root) =>
        Members(root, "targets")
            .SelectMany(target => Members(target.Value))
            .SelectMany(library => Members(library.Value, "runtime"))
            .Select(file => file.Name);

    // An asset is named by its path in its package (lib/net8.0/X.dll) and published at the top of the folder.
    private static bool IsThere(PluginFolder folder, string file) =>
        folder.Files.Contains(file) || folder.Files.Contains(Path.GetFileName(file)) || _hostAssemblies.Contains(Path.GetFileName(file));

    private static JsonElement.ObjectEnumerator Members(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? Members(value) : default;

    private static JsonElement.ObjectEnumerator Members(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : default;
}
