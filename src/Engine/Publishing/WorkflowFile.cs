using System.Collections.Immutable;
using Sluice.Engine.Files;
using Sluice.Engine.Text;

namespace Sluice.Engine.Publishing;

/// <summary>
/// Finds and reads workflow files: the <c>*.yaml</c>, <c>*.yml</c> and <c>*.json</c> files of a folder, without subfolders. They must be
/// UTF-8 and of bounded size.
/// </summary>
internal static class WorkflowFile
{
    // A character takes at most four bytes; a longer file would only be read to be rejected.
    private const int MostBytes = 4 * YamlReader.LongestText;

    private const string Json = ".json";

    private static readonly ImmutableArray<string> Extensions = [".yaml", ".yml", Json];

    /// <summary>Returns the files of a folder whose names are those of workflows.</summary>
    public static IEnumerable<FileInfo> In(string folder) => new DirectoryInfo(folder)
        .EnumerateFiles("*", new EnumerationOptions { AttributesToSkip = FileAttributes.Directory, IgnoreInaccessible = true })
        .Where(file => IsWorkflow(file.Name));

    /// <summary>Reads a regular file. If it can't be read, the submission says why.</summary>
    /// <param name="file">The file.</param>
    /// <param name="source">Its name in messages.</param>
    public static Submission Read(FileInfo file, string source) => Try(source, () => FileText.ReadRegular(file.FullName, MostBytes));

    /// <summary>Reads a file of any kind that a user names on the command line, including a shell's FIFO.</summary>
    /// <param name="file">The file.</param>
    /// <param name="source">Its name in messages.</param>
    public static Submission ReadAny(FileInfo file, string source) => Try(source, () => FileText.Read(file.FullName, MostBytes));

    /// <summary>Decodes the bytes of a file.</summary>
    public static Submission Decode(byte[] bytes, string source) => Try(source, () => bytes);

    /// <summary>
    /// Whether a file of a folder is meant to be a workflow: always for YAML; for JSON, which may be anything, if it has <c>trigger</c> or
    /// <c>steps</c>.
    /// </summary>
    public static bool IsMeant(Submission file)
    {
        if (!file.Source.EndsWith(Json, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        return file.Unreadable is { } problem
            ? problem.Rule == "unreadable-file"
            : YamlReader.Read(file.Text).Root switch
            {
                SourceNode.Object root => root["trigger"] is not null || root["steps"] is not null,
                // Invalid JSON may be a workflow with a mistake.
                null => file.Text.Contains("\"trigger\"", StringComparison.Ordinal) || file.Text.Contains("\"steps\"", StringComparison.Ordinal),
                _ => false,
            };
    }

    private static Submission Try(string source, Func<byte[]> read)
    {
        try
        {
            return new Submission(FileText.Decode(read()), source);
        }
        catch (UnfitFileException unfit)
        {
            var (rule, cure) = unfit.Fault switch
            {
                FileFault.TooLarge => ("too-large", $"a workflow may have {YamlReader.LongestText} characters. Split it"),
                FileFault.NotUtf8 => ("bad-encoding", "save it as UTF-8"),
                FileFault.NotRegular => ("unreadable-file", "replace it with a regular file, or remove it"),
                _ => ("unreadable-file", "give this program the right to read it"),
            };
            return new Submission("", source) { Unreadable = new Problem(rule, $"This is not a workflow: {unfit.Message}; {cure}.") };
        }
    }

    // Names that start with '.', '~' or '#' belong to editors or the system.
    private static bool IsWorkflow(string name) =>
        name[0] is not ('.' or '~' or '#') && Extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);
}
