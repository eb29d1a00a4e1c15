using Sluice.Host.Cli.Dev;

namespace Sluice.Host.Tests.Cli.Dev;

public sealed class ProjectInputsTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("sluice-inputs-");

    public ProjectInputsTests()
    {
        Write("src/Acme/Acme.csproj", "<Project />");
        Write("src/Acme/Node.cs", "class Node;");
        Write("src/Common/Common.csproj", "<Project />");
        Write("src/Acme/obj/Acme.csproj.nuget.dgspec.json", $$$"""
            { "projects": { {{{System.Text.Json.JsonSerializer.Serialize(At("src/Common/Common.csproj"))}}}: {} } }
            """);
    }

    public void Dispose() => _root.Delete(recursive: true);

    [Theory]
    [InlineData("src/Acme/Node.cs")]
    [InlineData("src/Acme/deep/down/text.resx")]
    [InlineData("src/Acme/.editorconfig")]
    [InlineData("src/Acme/obj/project.assets.json")]
    [InlineData("src/Common/Shared.cs")]
    [InlineData("Directory.Packages.props")]
    [InlineData("src/Directory.Build.targets")]
    [InlineData("global.json")]
    [InlineData(".git/logs/HEAD")]
    public void What_a_build_reads_is_an_input(string file) => Assert.Equal([At(file)], ChangesBy(file));

    [Theory]
    [InlineData("src/Acme/obj/Debug/Acme.dll")]
    [InlineData("src/Acme/bin/Debug/Acme.dll")]
    [InlineData("src/Acme/.idea/workspace.xml")]
    [InlineData("src/Other/Other.cs")]
    [InlineData("README.md")]
    public void What_a_build_writes_or_never_reads_is_none(string file) => Assert.Empty(ChangesBy(file));

    [Fact]
    public void A_file_that_went_is_a_change()
    {
        var before = Read();

        File.Delete(At("src/Acme/Node.cs"));

        Assert.Equal([At("src/Acme/Node.cs")], ProjectInputs.Changes(before, Read()));
    }

    private string[] ChangesBy(string file)
    {
        var before = Read();
        Write(file, "changed");
        return [.. ProjectInputs.Changes(before, Read())];
    }

    private System.Collections.Immutable.ImmutableSortedDictionary<string, string> Read() => ProjectInputs.Read(At("src/Acme/Acme.csproj"));

    private string At(string path) => Path.Combine([_root.FullName, .. path.Split('/')]);

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
    }
}
