namespace Sluice.Packages;

/// <summary>How a publish folder was packed into a zip file: with its files at the top, or inside one folder.</summary>
/// <param name="Prefix">The prefix of each file's name; empty, or ending in <c>/</c>.</param>
/// <param name="Name">The plugin's name: that of the folder, otherwise of the only assembly with a <c>.deps.json</c>, otherwise of the zip
/// file.</param>
internal sealed record ZipShape(string Prefix, string Name)
{
    private const string DependencySuffix = ".deps.json";

    public static ZipShape Of(Archive archive)
    {
        var tops = archive.Files.Select(file => file.Split('/')[0]).Distinct(StringComparer.Ordinal).ToArray();
        if (tops is [var folder] && archive.Files.All(file => file.Contains('/')))
        {
            return new ZipShape(folder + "/", folder);
        }

        var entries = archive.Files.Where(file => !file.Contains('/') && file.EndsWith(DependencySuffix, StringComparison.OrdinalIgnoreCase)).ToArray();
        return new ZipShape("", entries is [var entry] ? entry[..^DependencySuffix.Length] : Path.GetFileNameWithoutExtension(archive.Name));
    }
}
