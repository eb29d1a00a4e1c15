namespace Sluice.Host.Cli.Reports;

/// <summary>Formats file paths for tools that show a repository.</summary>
internal static class FilePath
{
    /// <summary>Gets the path relative to the working directory, with <c>/</c>; absolute if the file is outside it.</summary>
    public static string Relative(string file)
    {
        var path = Path.GetRelativePath(Directory.GetCurrentDirectory(), Path.GetFullPath(file));
        return (path.StartsWith("..", StringComparison.Ordinal) ? Path.GetFullPath(file) : path).Replace('\\', '/');
    }

    /// <summary>Gets the path as a URI reference.</summary>
    public static string Uri(string file)
    {
        var path = Relative(file);
        return Path.IsPathFullyQualified(path) ? new Uri(path).AbsoluteUri : string.Join('/', path.Split('/').Select(System.Uri.EscapeDataString));
    }
}
