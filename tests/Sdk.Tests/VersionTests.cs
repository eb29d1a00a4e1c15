using System.Reflection;
using System.Text.Json;
using System.Xml.Linq;

namespace Sluice.Sdk.Tests;

/// <summary>The version is written once, in Directory.Build.props. Everything that shows or needs it takes it from there.</summary>
public sealed class VersionTests
{
    private static readonly string[] _elements = ["Version", "VersionPrefix", "VersionSuffix", "PackageVersion", "AssemblyVersion", "FileVersion", "InformationalVersion"];

    private static readonly string _root =
        typeof(VersionTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "RepositoryRoot").Value!;

    private static readonly string _version = XDocument.Load(Path.Combine(_root, "Directory.Build.props")).Descendants("Version").Single().Value;

    [Fact]
    public void No_other_project_file_sets_a_version()
    {
        var files = new[] { "src", "plugins", "bench", "templates" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(_root, folder), "*.*", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(_root, "Directory.*"))
            .Where(file => Path.GetExtension(file) is ".csproj" or ".props" or ".targets" && !IsOutput(file))
            // What an author starts from has the author's version.
            .Where(file => !file.Contains("sluice-node", StringComparison.Ordinal));

        Assert.Equal(
            ["Directory.Build.props: AssemblyVersion", "Directory.Build.props: Version"],
            from file in files
            from element in XDocument.Load(file).Descendants()
            where _elements.Contains(element.Name.LocalName) && !element.HasAttributes
            orderby element.Name.LocalName
            select $"{Path.GetRelativePath(_root, file)}: {element.Name.LocalName}");
    }

    [Fact]
    public void No_source_file_contains_the_version() =>
        Assert.Empty(
            from file in Directory.EnumerateFiles(Path.Combine(_root, "src"), "*.cs", SearchOption.AllDirectories)
            where !IsOutput(file) && File.ReadAllText(file).Contains($"\"{_version}\"", StringComparison.Ordinal)
            select file);

    [Fact]
    public void The_sdk_has_the_version() => Assert.Equal(
        _version, typeof(INode).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]);

    [Fact]
    public void The_template_is_packed_with_the_version()
    {
        var template = JsonElement.Parse(File.ReadAllText(Path.Combine(_root, "templates/obj/template.json")));

        Assert.Equal(_version, template.GetProperty("symbols").GetProperty("sluice-version").GetProperty("defaultValue").GetString());
    }

    [Fact]
    public void The_version_history_of_the_sdk_begins_with_the_minor_version()
    {
        var history = File.ReadLines(Path.Combine(_root, "docs/reference/sdk-versioning.md")).SkipWhile(line => line != "## Version history");

        Assert.Equal($"### {Version.Parse(_version.Split('-')[0]).ToString(2)}", history.First(line => line.StartsWith("### ", StringComparison.Ordinal)));
    }

    private static bool IsOutput(string file) =>
        Path.GetRelativePath(_root, file).Split(Path.DirectorySeparatorChar) is var parts && (parts.Contains("obj") || parts.Contains("bin"));
}
