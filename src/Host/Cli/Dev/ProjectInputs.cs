using System.Collections.Immutable;
using System.Text.Json;

namespace Sluice.Host.Cli.Dev;

/// <summary>The files that the build of a project reads: a change to any of them may change the result.</summary>
internal static class ProjectInputs
{
    // Files that MSBuild, NuGet or the compiler read from any parent folder. Also the git log: the assembly version contains the commit.
    private static readonly ImmutableArray<string> _fromAbove =
    [
        "Directory.Build.props", "Directory.Build.targets", "Directory.Build.rsp", "Directory.Packages.props", "Directory.Solution.props",
        "global.json", "nuget.config", "NuGet.config", "NuGet.Config", ".editorconfig", ".globalconfig", Path.Combine(".git", "logs", "HEAD"),
    ];

    /// <summary>Reads each file's length and write time, which identify its state.</summary>
    /// <param name="project">The project file; referenced projects are read too, as found by its last restore.</param>
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

    /// <summary>Gets the files that differ between two states of a project, or are in only one of them.</summary>
    public static IEnumerable<string> Changes(ImmutableSortedDictionary<string, string> before, ImmutableSortedDictionary<string, string> after) =>
        before.Keys.Union(after.Keys, StringComparer.Ordinal).Where(file => before.GetValueOrDefault(file) != after.GetValueOrDefault(file));

    /// <summary>Whether the build, or an editor for its own use, writes to a path in a project folder.</summary>
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

    // NuGet lists all projects that a project references, directly or indirectly.
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
