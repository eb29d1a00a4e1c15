using System.Collections.Immutable;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>A plugin's folder on disk.</summary>
internal sealed record PluginFolder
{
    private const string DependencySuffix = ".deps.json";
    private const string AssemblySuffix = ".dll";

    /// <summary>The plugin's name: that of the folder, up to an <c>@</c>.</summary>
    public required string Name { get; init; }

    public required string Path { get; init; }

    /// <summary>The files in it and its subfolders: relative names with <c>/</c>, in ordinal order.</summary>
    public required ImmutableArray<string> Files { get; init; }

    /// <summary>Describes the first file that is not a regular one; nothing of such a folder is read. Null if all are regular.</summary>
    public string? Irregular { get; init; }

    /// <summary>The <c>.deps.json</c> files at the top of the folder.</summary>
    public required ImmutableArray<string> DependencyFiles { get; init; }

    /// <summary>
    /// The file name of the entry assembly: the one with the only <c>.deps.json</c>; of several, the one named like the folder. Without a
    /// <c>.deps.json</c> (which is rejected, but perhaps for a better reason), the one named like the folder, or the only assembly. Null if
    /// there is none.
    /// </summary>
    public required string? EntryName { get; init; }

    /// <summary>The facts about the entry assembly; null if there is none or it is not a .NET assembly.</summary>
    public AssemblyFacts? Entry { get; init; }

    /// <summary>The references of each assembly in the folder, by the relative name of its file.</summary>
    public ImmutableArray<(string File, IReadOnlyDictionary<string, Version> Assemblies)> References { get; init; } = [];

    /// <summary>The file name of the entry assembly's <c>.deps.json</c>.</summary>
    public string? DependencyFile => System.IO.Path.ChangeExtension(EntryName, DependencySuffix);

    /// <summary>The parsed <c>.deps.json</c> of the entry assembly, or what is wrong with it; neither if there is none.</summary>
    public (DependencyFile? File, string? Problem) Dependencies { get; init; }

    /// <summary>
    /// Returns the name of the plugin in a folder: two folders may hold two versions of it, <c>Acme.Weather</c> and <c>Acme.Weather@2</c>.
    /// </summary>
    public static string PluginNameOf(string folderName) =>
        folderName.IndexOf('@', StringComparison.Ordinal) is var at and > 0 ? folderName[..at] : folderName;

    /// <summary>
    /// Returns the paths of the plugin folders of a plugins directory, by name: those whose names do not start with a dot.
    /// </summary>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public static IEnumerable<string> In(string pluginsDirectory) => Directory.GetDirectories(pluginsDirectory)
        .Where(path => !System.IO.Path.GetFileName(path).StartsWith('.'))
        .Order(StringComparer.Ordinal);

    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public static PluginFolder Read(string path) =>
        Read(path, PluginNameOf(System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(path))));

    /// <param name="path">The folder.</param>
    /// <param name="name">The plugin's name, if the folder is not named after it.</param>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public static PluginFolder Read(string path, string name)
    {
        var files = FolderContent.List(path);
        var dependencyFiles = TopFiles(files, DependencySuffix);
        var entryName = EntryOf(name, files, dependencyFiles);
        var folder = new PluginFolder
        {
            Name = name,
            Path = path,
            Files = files,
            DependencyFiles = dependencyFiles,
            EntryName = entryName,
            Irregular = FolderContent.FirstIrregular(path, files)?.Message,
        };
        return folder.Irregular is not null ? folder : folder with
        {
            Entry = folder.Holds(entryName) ? AssemblyFacts.Read(System.IO.Path.Combine(path, entryName!)) : null,
            References = [.. files.Where(file => file.EndsWith(AssemblySuffix, StringComparison.OrdinalIgnoreCase))
                .Select(file => (file, AssemblyFacts.ReferencesOf(System.IO.Path.Combine(path, file))))],
            Dependencies = folder.Holds(folder.DependencyFile)
                ? Verification.DependencyFile.Read(System.IO.Path.Combine(path, folder.DependencyFile!))
                : default,
        };
    }

    /// <summary>Whether a file with this relative name exists.</summary>
    public bool Holds(string? file) => file is not null && Files.Contains(file);

    private static string? EntryOf(string name, ImmutableArray<string> files, ImmutableArray<string> dependencyFiles)
    {
        var candidates = dependencyFiles.IsEmpty
            ? TopFiles(files, AssemblySuffix)
            : [.. dependencyFiles.Select(file => file[..^DependencySuffix.Length] + AssemblySuffix)];
        return candidates is [var only]
            ? only
            : candidates.FirstOrDefault(candidate => candidate.Equals(name + AssemblySuffix, StringComparison.OrdinalIgnoreCase));
    }

    private static ImmutableArray<string> TopFiles(ImmutableArray<string> files, string suffix) =>
        [.. files.Where(file => !file.Contains('/') && file.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))];
}
