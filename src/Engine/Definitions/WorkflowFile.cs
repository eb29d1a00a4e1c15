using System.Collections.Immutable;
using System.Security;
using System.Text;

namespace Sluice.Engine.Definitions;

/// <summary>Finds and reads the workflow files of a folder: <c>*.yaml</c>, <c>*.yml</c> and <c>*.json</c>, sub-folders aside.</summary>
internal static class WorkflowFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly ImmutableArray<string> Extensions = [".yaml", ".yml", ".json"];

    /// <summary>The files of a folder that hold workflows by their names.</summary>
    public static IEnumerable<FileInfo> In(string folder) => new DirectoryInfo(folder)
        .EnumerateFiles("*", new EnumerationOptions { AttributesToSkip = FileAttributes.Directory, IgnoreInaccessible = true })
        .Where(file => IsWorkflow(file.Name));

    /// <summary>Reads a file; one that can't be read says why.</summary>
    /// <param name="file">The file.</param>
    /// <param name="source">What it is called in messages.</param>
    public static Submission Read(FileInfo file, string source)
    {
        try
        {
            // No character takes more than four bytes; a longer file would only be read to be refused.
            return file.Length > 4L * YamlReader.LongestText
                ? Unreadable(source, "too-large", $"The file has {file.Length} bytes; a workflow may have {YamlReader.LongestText} characters.")
                : Decode(File.ReadAllBytes(file.FullName), source);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or SecurityException)
        {
            return Unreadable(source, "unreadable-file", $"The file can't be read: {failure.Message} Give this program the right to read it.");
        }
    }

    /// <summary>Makes text of the bytes of a file.</summary>
    public static Submission Decode(byte[] bytes, string source)
    {
        try
        {
            return new Submission(Strict.GetString(bytes), source);
        }
        catch (DecoderFallbackException)
        {
            return Unreadable(source, "bad-encoding", "The file is not UTF-8 text; save it as UTF-8.");
        }
    }

    private static Submission Unreadable(string source, string rule, string message) => new("", source) { Unreadable = new Problem(rule, message) };

    // What starts with a dot, '~' or '#' belongs to an editor or to the system.
    private static bool IsWorkflow(string name) =>
        name[0] is not ('.' or '~' or '#') && Extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);
}
