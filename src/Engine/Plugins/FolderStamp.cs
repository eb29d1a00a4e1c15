using System.IO.Enumeration;

namespace Sluice.Engine.Plugins;

/// <summary>The state of a folder, to detect changes without reading its files: each file's name, length and time of last write.</summary>
/// <param name="IsThere">Whether the folder exists.</param>
/// <param name="Files">The files; null if they could not be listed.</param>
internal readonly record struct FolderStamp(bool IsThere, string? Files)
{
    /// <summary>The stamp of a folder that has not been scanned yet.</summary>
    public static readonly FolderStamp Never = new(false, null);

    public static readonly FolderStamp Missing = new(false, "");

    public static FolderStamp Of(string folder)
    {
        try
        {
            var files = new FileSystemEnumerable<string>(folder, Line, new EnumerationOptions
            {
                RecurseSubdirectories = true,
                AttributesToSkip = FileAttributes.None,
                IgnoreInaccessible = false,
            })
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
                ShouldRecursePredicate = (ref FileSystemEntry entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
            };
            return new FolderStamp(true, string.Join('\n', files.Order(StringComparer.Ordinal)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The folder, or something in it, was deleted during the scan; the next scan shows the result.
            return new FolderStamp(Directory.Exists(folder), null);
        }
    }

    // A file replaced by another with the same length and time is not detected here; the event of the replacement is, and then the content
    // is hashed.
    private static string Line(ref FileSystemEntry entry) =>
        $"{entry.ToFullPath()}|{entry.Length}|{entry.LastWriteTimeUtc.UtcTicks}";
}
