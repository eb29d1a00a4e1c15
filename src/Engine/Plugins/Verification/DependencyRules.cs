namespace Sluice.Engine.Plugins.Verification;

/// <summary>The rules for a plugin's <c>.deps.json</c>. They detect a folder that was copied only in part.</summary>
internal static class DependencyRules
{
    // What the host can provide: its own assemblies and those of the framework.
    private static readonly HashSet<string> _hostAssemblies =
        ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator)
        .Select(path => Path.GetFileName(path))
        .ToHashSet(StringComparer.OrdinalIgnoreCase);

    public static string? Malformed(PluginFolder folder) =>
        folder.Dependencies.Problem is { } problem
            ? $"{folder.DependencyFile} is not as the .NET SDK writes it: {problem} Publish the plugin again and copy all of it."
            : null;

    public static string? MissingFile(PluginFolder folder)
    {
        var missing = folder.Dependencies.File!.Assemblies.Where(file => !IsThere(folder, Path.GetFileName(file))).ToArray();
        return missing.Length == 0
            ? null
            : $"{folder.DependencyFile} names {string.Join(", ", missing)}, and the folder lacks that. Copy all that 'dotnet publish' makes.";
    }

    // An assembly is listed under its path in its package (lib/net8.0/X.dll) and published at the top of the folder.
    private static bool IsThere(PluginFolder folder, string name) => folder.Files.Contains(name) || _hostAssemblies.Contains(name);
}
