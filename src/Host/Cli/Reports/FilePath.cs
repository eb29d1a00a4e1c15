namespace Sluice.Host.Cli.Reports;

/// <summary>The path of a file as tools that show a repository want it.</summary>
internal static class FilePath
{
    /// <summary>Relative to the working directory, with <c>/</c>; absolute if the file is outside of it.</summary>
    public static string Relative(string file)
    {
        var path = Path.GetRelativePath(Directory.GetCurrentDirectory(), Path.GetFullPath(file));
        return (path.StartsWith("..", StringComparison.Ordinal) ? Path.GetFullPath(file) : path).Replace('\\', '/');
    }

    /// <summary>The same as a URI reference.</summary>
    public static string Uri(string file)
    {
        var path = Relative(file);
        return Path.IsPathFullyQualified(path) ? new Uri(path).AbsoluteUri : string.Join('/', path.Split('/').Select(System.Uri.EscapeDataString));
    }
}
