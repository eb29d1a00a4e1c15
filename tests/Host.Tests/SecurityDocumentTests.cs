using System.Text.RegularExpressions;
using Sluice.Host.Tests.Cli;

namespace Sluice.Host.Tests;

/// <summary>Holds <c>docs/explanation/security.md</c> to the tests that it names.</summary>
public sealed partial class SecurityDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(SluiceProgram.RepositoryRoot, "docs", "explanation", "security.md"));

    [Fact]
    public void Every_test_that_the_document_names_is_in_the_tree()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(SluiceProgram.RepositoryRoot, "tests"), "*Tests*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .Select(File.ReadAllText)
            .SelectMany(TestsOf)
            .ToHashSet(StringComparer.Ordinal);
        var named = Named.Matches(Document).Select(name => name.Groups[1].Value).ToArray();

        Assert.NotEmpty(named);
        Assert.Empty(named.Except(tests));
    }

    [Fact]
    public void Every_promise_names_a_test()
    {
        var lines = Document.Split('\n');
        var promises = lines.Index()
            .Where(line => line.Item.StartsWith("| Promise |", StringComparison.Ordinal))
            .SelectMany(table => lines.Skip(table.Index + 2).TakeWhile(line => line.StartsWith('|')))
            .ToArray();

        Assert.NotEmpty(promises);
        Assert.All(promises, promise => Assert.Matches(Named, promise));
    }

    // A method belongs to the test class that begins last ahead of it.
    private static IEnumerable<string> TestsOf(string code)
    {
        var types = TestClass.Matches(code);
        return TestMethod.Matches(code)
            .Select(method => (Type: types.LastOrDefault(type => type.Index < method.Index), Method: method.Groups[1].Value))
            .Where(test => test.Type is not null)
            .Select(test => $"{test.Type!.Groups[1].Value}.{test.Method}");
    }

    [GeneratedRegex("`([A-Za-z]+Tests\\.[A-Za-z0-9_]+)`")]
    private static partial Regex Named { get; }

    [GeneratedRegex(@"^public (?:(?:sealed|abstract|partial|static) )*class ([A-Za-z]+Tests)\b", RegexOptions.Multiline)]
    private static partial Regex TestClass { get; }

    // The attribute and what stands between it and the name: more attributes, the cases of a theory.
    [GeneratedRegex(@"\[(?:Fact|Theory)[^\n]*\n(?:[^\n]*\n)*?\s*public (?:async )?(?:Task|ValueTask|void) ([A-Za-z0-9_]+)\(")]
    private static partial Regex TestMethod { get; }
}
