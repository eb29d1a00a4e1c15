using System.IO.Enumeration;

namespace Sluice.Engine.Plugins;

/// <summary>What tells one state of a folder from the next without reading its files: each file's name, length and time of writing.</summary>
/// <param name="IsThere">Whether there is a folder.</param>
/// <param name="Files">The files; null where none could be listed.</param>
internal readonly record struct FolderStamp(bool IsThere, string? Files)
{
    /// <summary>Of a folder that was never looked at.</summary>
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
            // It went, or something in it did, while it was looked at: the next look tells.
            return new FolderStamp(Directory.Exists(folder), null);
        }
    }

    // A file that replaced another of the same length and time leaves no trace here; the event of its coming does, and the content is hashed then.
    private static string Line(ref FileSystemEntry entry) =>
        $"{entry.ToFullPath()}|{entry.Length}|{entry.LastWriteTimeUtc.UtcTicks}";
}
