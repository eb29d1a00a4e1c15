using System.Collections.Immutable;
using System.Text.Json;

namespace Sluice.Host.Cli.Dev;

/// <summary>What the build of a project reads: all that, where it changes, may change what is built.</summary>
internal static class ProjectInputs
{
    // Read by MSBuild, NuGet or the compiler from any folder above. The log of git: the commit stands in the assembly's version.
    private static readonly ImmutableArray<string> _fromAbove =
    [
        "Directory.Build.props", "Directory.Build.targets", "Directory.Build.rsp", "Directory.Packages.props", "Directory.Solution.props",
        "global.json", "nuget.config", "NuGet.config", "NuGet.Config", ".editorconfig", ".globalconfig", Path.Combine(".git", "logs", "HEAD"),
    ];

    /// <summary>Each file with what tells one state of it from the next: its length and its time of writing.</summary>
    /// <param name="project">The project file; the projects that it refers to are read too, from what its last restore found.</param>
    public static ImmutableSortedDictionary<string, string> Read(string project)
    {
        var directory = Path.GetDirectoryName(project)!;
        var files = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var folder in ProjectsOf(project).Select(path => Path.GetDirectoryName(path)!).Append(directory).Where(Directory.Exists).Distinct())
        {
            files.UnionWith(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => !IsOfTheBuild(Path.GetRelativePath(folder, file))));
            files.UnionWith(Above(folder));
        }

        files.Add(Path.Combine(directory, "obj", "project.assets.json"));
        return files.Select(file => new FileInfo(file)).Where(file => file.Exists)
            .ToImmutableSortedDictionary(file => file.FullName, file => $"{file.Length}|{file.LastWriteTimeUtc.Ticks}", StringComparer.Ordinal);
    }

    /// <summary>The files that are in one of two states of a project alone, or differ.</summary>
    public static IEnumerable<string> Changes(ImmutableSortedDictionary<string, string> before, ImmutableSortedDictionary<string, string> after) =>
        before.Keys.Union(after.Keys, StringComparer.Ordinal).Where(file => before.GetValueOrDefault(file) != after.GetValueOrDefault(file));

    /// <summary>Whether a path below a project's folder is one that the build writes to, or an editor for itself.</summary>
    public static bool IsOfTheBuild(string path) =>
        path.Split(Path.DirectorySeparatorChar)[0] is { Length: > 0 } first && (first is "bin" or "obj" || (first[0] == '.' && first is not (".editorconfig" or ".globalconfig")));

    private static IEnumerable<string> Above(string folder)
    {
        for (var directory = new DirectoryInfo(folder); directory is not null; directory = directory.Parent)
        {
            foreach (var name in _fromAbove)
            {
                yield return Path.Combine(directory.FullName, name);
            }
        }
    }

    // NuGet writes down all projects that a project refers to, however far.
    private static IEnumerable<string> ProjectsOf(string project)
    {
        var graph = Path.Combine(Path.GetDirectoryName(project)!, "obj", Path.GetFileName(project) + ".nuget.dgspec.json");
        if (!File.Exists(graph))
        {
            return [];
        }

        using var document = JsonDocument.Parse(File.ReadAllBytes(graph));
        return document.RootElement.TryGetProperty("projects", out var projects) ? [.. projects.EnumerateObject().Select(known => known.Name)] : [];
    }
}
