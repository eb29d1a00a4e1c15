using System.Text.RegularExpressions;
using Mono.Cecil;
using Sluice.Host.Tests.Cli;

namespace Sluice.Host.Tests;

/// <summary>The folders of the engine depend one way: each only on those before it in the table of <c>docs/explanation/architecture.md</c>.</summary>
public sealed partial class FolderOrderTests
{
    private const string Root = "Sluice.Engine";

    // Known dependencies on a later folder. The list only shrinks: an entry that is no longer needed fails the test too.
    private static readonly string[] _exceptions = [];

    private static readonly string[] _order = ReadOrder();

    [Fact]
    public void A_folder_of_the_engine_depends_only_on_those_before_it()
    {
        using var engine = ReadEngine();

        string[] later =
        [
            .. TypeReferences.Of(engine)
                .Where(pair => RankOf(pair.To.Namespace) > RankOf(pair.From.Namespace))
                .Select(pair => $"{NameOf(pair.From)} -> {NameOf(pair.To)}"),
        ];

        AssertNone("These depend on a later folder:", later.Except(_exceptions));
        AssertNone("These exceptions are no longer needed:", _exceptions.Except(later));
    }

    [Fact]
    public void Every_folder_of_the_engine_has_its_place_in_the_order()
    {
        using var engine = ReadEngine();

        AssertNone("The table has no row for the folder of:", Types(engine).Where(type => RankOf(type.Namespace) < 0).Select(NameOf));
        AssertNone("The table names folders that are gone:", _order.Where(folder => !Directory.Exists(Path.Combine(SluiceProgram.RepositoryRoot, "src/Engine", folder))));
    }

    [Theory]
    [InlineData("src/Sdk", "Sluice.Sdk")]
    [InlineData("src/Sdk.Testing", "Sluice.Sdk.Testing")]
    [InlineData("src/Engine", "Sluice.Engine")]
    [InlineData("src/Packages", "Sluice.Packages")]
    [InlineData("src/Host", "Sluice.Host")]
    [InlineData("tests/Engine.Tests", "Sluice.Engine.Tests")]
    [InlineData("tests/Packages.Tests", "Sluice.Packages.Tests")]
    [InlineData("tests/Host.Tests", "Sluice.Host.Tests")]
    public void A_namespace_is_the_path_of_its_folder(string project, string root)
    {
        var folder = Path.Combine(SluiceProgram.RepositoryRoot, project);
        var wrong =
            from path in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            let relative = Path.GetRelativePath(folder, path).Replace('\\', '/')
            where !relative.StartsWith("obj/", StringComparison.Ordinal) && !relative.StartsWith("bin/", StringComparison.Ordinal)
            let declared = Namespace.Match(File.ReadAllText(path)).Groups[1].Value
            where declared.Length > 0 && declared != string.Join('.', relative.Split('/').SkipLast(1).Prepend(root))
            select $"{relative}: {declared}";

        AssertNone("These declare another namespace than their folder's:", wrong);
    }

    private static void AssertNone(string heading, IEnumerable<string> found) =>
        Assert.True(!found.Any(), string.Join("\n  ", found.Order(StringComparer.Ordinal).Prepend(heading)));

    private static string[] ReadOrder()
    {
        var page = File.ReadAllText(Path.Combine(SluiceProgram.RepositoryRoot, "docs/explanation/architecture.md"));
        var table = page[page.IndexOf("| Folder | Contains |", StringComparison.Ordinal)..];
        return [.. Row.Matches(table[..table.IndexOf("\n\n", StringComparison.Ordinal)]).Select(row => row.Groups[1].Value)];
    }

    // The longest that matches: a folder may be in another and have a place of its own.
    private static int RankOf(string name) => Array.IndexOf(
        _order, _order.Where(folder => $"{name}.".StartsWith($"{Root}.{folder.Replace('/', '.')}.", StringComparison.Ordinal)).MaxBy(folder => folder.Length));

    private static IEnumerable<TypeDefinition> Types(ModuleDefinition module) =>
        module.Types.Where(type => type.Namespace.StartsWith(Root, StringComparison.Ordinal));

    private static string NameOf(TypeReference type) => type.FullName[(Root.Length + 1)..];

    private static ModuleDefinition ReadEngine() => ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, "Sluice.Engine.dll"));

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace { get; }

    [GeneratedRegex(@"^\| `([\w/]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row { get; }
}
