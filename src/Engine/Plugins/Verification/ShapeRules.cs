using System.Runtime.Versioning;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>The rules that make a folder a .NET plugin.</summary>
internal static class ShapeRules
{
    private const string Modern = ".NETCoreApp";

    public static string? Empty(PluginFolder folder) =>
        folder.Files.IsEmpty ? "The folder is empty. Copy the output of 'dotnet publish' of the plugin's project into it, or remove it." : null;

    public static string? NotDotnet(PluginFolder folder)
    {
        if (!folder.Files.Any(file => !file.Contains('/') && file.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)))
        {
            return "The folder holds no .NET assembly (no .dll file at its top). Copy the files that 'dotnet publish' makes into it, not a folder around them.";
        }

        return folder.Holds(folder.EntryName) && folder.Entry is null
            ? $"{folder.EntryName} is not a .NET assembly. A plugin is a .NET class library; if this is one, the file is damaged: publish it again."
            : null;
    }

    public static string? TargetFramework(PluginFolder folder)
    {
        if (folder.Entry is not { } entry)
        {
            return null;
        }

        var host = new Version(Environment.Version.Major, Environment.Version.Minor);
        var framework = ParsedFramework(entry.TargetFramework);
        if (framework is null || framework.Identifier != Modern)
        {
            var found = entry.TargetFramework is null ? "does not say which framework it is built for" : $"is built for {entry.TargetFramework}";
            return $"{folder.EntryName} {found}. Set <TargetFramework>net{host}</TargetFramework> in the plugin's project and publish it again.";
        }

        return framework.Version > host
            ? $"{folder.EntryName} is built for .NET {framework.Version}, and this host runs .NET {host}. "
                + $"Build the plugin for net{host}, or run a host of .NET {framework.Version}."
            : null;
    }

    public static string? MissingDeps(PluginFolder folder) =>
        folder.DependencyFiles.IsEmpty
            ? "There is no .deps.json file beside the entry assembly. Copy all that 'dotnet publish' makes, and leave GenerateDependencyFile on in the project."
            : null;

    public static string? AmbiguousEntry(PluginFolder folder) =>
        folder.EntryName is null
            ? $"Several assemblies have a .deps.json file ({string.Join(", ", folder.DependencyFiles)}) and none is named like the folder. "
                + "Name the folder after the entry assembly, or put each plugin into a folder of its own."
            : null;

    public static string? MissingEntry(PluginFolder folder) =>
        folder.Holds(folder.EntryName)
            ? null
            : $"{folder.DependencyFiles[0]} is there, but its assembly {folder.EntryName} is not. Copy all that 'dotnet publish' makes.";

    private static FrameworkName? ParsedFramework(string? text)
    {
        try
        {
            return text is null ? null : new FrameworkName(text);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
