using Sluice.Host.Cli.Dev;

namespace Sluice.Host.Tests.Cli.Dev;

/// <summary>A project of its own for each test, built by the .NET SDK that builds these tests. It needs no package.</summary>
public sealed class PluginProjectTests : IAsyncDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("sluice project ");
    private readonly PluginProject _project;

    public PluginProjectTests()
    {
        Directory.CreateDirectory(At("Acme"));
        File.WriteAllText(Project, ProjectText(""));
        File.WriteAllText(Code, "namespace Acme; public static class Word { public const string Is = \"one\"; }");
        _project = new PluginProject(Project);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Project => At("Acme", "Acme.csproj");

    private string Code => At("Acme", "Word.cs");

    private string Folder => At("built", "Acme");

    public async ValueTask DisposeAsync()
    {
        await _project.DisposeAsync();
        _root.Delete(recursive: true);
    }

    [Fact]
    public async Task A_change_of_code_is_compiled_alone_and_gives_what_a_publish_gives()
    {
        await BuildFirstAsync();

        await File.WriteAllTextAsync(Code, "namespace Acme; public static class Word { public const string Is = \"another\"; }", Token);
        Assert.Null(await _project.BuildAsync(Folder, Token));

        Assert.Equal(1, _project.Compilations);
        Assert.Equal(await PublishedAsync(), Content(Folder));
    }

    [Fact]
    public async Task What_is_wrong_with_the_code_is_said_and_the_next_change_is_compiled_alone_again()
    {
        await BuildFirstAsync();
        var before = Content(Folder);

        await File.WriteAllTextAsync(Code, "namespace Acme; public static class Word { public const string Is = 1; }", Token);
        Assert.Contains("error CS0029", await _project.BuildAsync(Folder, Token), StringComparison.Ordinal);
        Assert.Equal(before, Content(Folder));
        await File.WriteAllTextAsync(Code, "namespace Acme; public static class Word { public const string Is = \"mended\"; }", Token);
        Assert.Null(await _project.BuildAsync(Folder, Token));

        Assert.Equal(1, _project.Compilations);
        Assert.Equal(await PublishedAsync(), Content(Folder));
    }

    [Fact]
    public async Task A_change_of_anything_else_is_published()
    {
        await BuildFirstAsync();

        await File.WriteAllTextAsync(Project, ProjectText("<Version>2.0.0</Version>"), Token);
        await File.WriteAllTextAsync(At("Acme", "More.cs"), "namespace Acme; public static class More;", Token);
        await File.WriteAllTextAsync(At("Acme", "notes.txt"), "notes", Token);
        Assert.Null(await _project.BuildAsync(Folder, Token));

        Assert.Equal(0, _project.Compilations);
        Assert.Equal(await PublishedAsync(), Content(Folder));
        Assert.True(File.Exists(Path.Combine(Folder, "notes.txt")));
    }

    [Fact]
    public async Task A_project_that_changes_its_assembly_after_the_compiler_is_always_published()
    {
        await File.WriteAllTextAsync(Project, ProjectText("", """
            <Target Name="Stamp" AfterTargets="CoreCompile"><Copy SourceFiles="Word.cs" DestinationFiles="@(IntermediateAssembly->'%(FullPath)')" /></Target>
            """), Token);
        await BuildFirstAsync();

        await File.AppendAllTextAsync(Code, " // the same", Token);
        Assert.Null(await _project.BuildAsync(Folder, Token));

        Assert.Equal(0, _project.Compilations);
        Assert.Equal(await File.ReadAllTextAsync(Code, Token), await File.ReadAllTextAsync(Path.Combine(Folder, "Acme.dll"), Token));
    }

    [Fact]
    public async Task Where_nothing_has_changed_nothing_is_built()
    {
        Assert.Null(await _project.BuildAsync(Folder, Token));
        Directory.Delete(Folder, recursive: true);

        Assert.Null(await _project.BuildAsync(Folder, Token));

        Assert.False(Directory.Exists(Folder));
    }

    private async Task BuildFirstAsync()
    {
        Assert.Null(await _project.BuildAsync(Folder, Token));
        await _project.Recorded;
    }

    private static string ProjectText(string properties, string targets = "") => $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup><TargetFramework>net10.0</TargetFramework><EnableDynamicLoading>true</EnableDynamicLoading>{properties}</PropertyGroup>
          <ItemGroup><None Include="*.txt" CopyToOutputDirectory="PreserveNewest" /></ItemGroup>
          {targets}
        </Project>
        """;

    private string At(params string[] path) => Path.Combine([_root.FullName, .. path]);

    private async Task<Dictionary<string, string>> PublishedAsync()
    {
        await using var anew = new PluginProject(Project);
        Assert.Null(await anew.BuildAsync(At("anew"), Token));
        return Content(At("anew"));
    }

    private static Dictionary<string, string> Content(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(folder, file), file => Convert.ToHexString(File.ReadAllBytes(file)), StringComparer.Ordinal);
}
