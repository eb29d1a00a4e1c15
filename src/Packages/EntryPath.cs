using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Sluice.Packages;

/// <summary>Checks that the name of a file in an archive stays below the target folder on every platform.</summary>
internal static partial class EntryPath
{
    /// <summary>Returns the name with <c>/</c> as the separator, and a trailing one for a folder.</summary>
    /// <exception cref="PackageException">It leads outside of the folder.</exception>
    public static string Checked(string archive, string name)
    {
        var path = name.Replace('\\', '/');
        return Problem(path) is { } problem
            ? throw new PackageException(
                "leaves-folder", $"{archive} holds an entry named '{name}', {problem}. Nothing was unpacked: do not trust this archive; if it is yours, pack it again.")
            : path;
    }

    /// <summary>
    /// Rejects names that can't coexist on every platform: names that differ only in case, or a file where another needs a folder.
    /// </summary>
    public static void CheckTogether(string archive, IReadOnlyList<string> paths)
    {
        var files = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var path in paths.Where(path => !path.EndsWith('/')))
        {
            if (!files.Add(path))
            {
                throw new PackageException("entry-twice", $"{archive} holds '{path}' twice, differing only in case. Pack it again with each file once.");
            }
        }

        if (paths.SelectMany(path => Parents(path)).FirstOrDefault(files.Contains) is { } both)
        {
            throw new PackageException("entry-twice", $"{archive} holds '{both}' as a file and as a folder. Pack it again with each name once.");
        }
    }

    private static string? Problem(string path) => path switch
    {
        "" => "which is no name",
        ['/', ..] => "an absolute path",
        _ when DriveLetter.IsMatch(path) => "which has a drive letter",
        _ when path.Contains(':') => "which holds a colon",
        _ when path.Any(char.IsControl) => "which holds a control character",
        _ when path.TrimEnd('/').Split('/').Any(IsNoName) => "which leads out of the folder",
        _ => null,
    };

    // Windows removes spaces and dots at the end of a name, so that '.. ' is '..' there.
    private static bool IsNoName(string part) => part.TrimEnd(' ', '.').Length == 0;

    private static ImmutableArray<string> Parents(string path)
    {
        var parts = path.TrimEnd('/').Split('/');
        var parents = Enumerable.Range(1, parts.Length - 1).Select(count => string.Join('/', parts.Take(count)));
        return [.. path.EndsWith('/') ? parents.Append(path.TrimEnd('/')) : parents];
    }

    [GeneratedRegex("^[A-Za-z]:")]
    private static partial Regex DriveLetter { get; }
}
