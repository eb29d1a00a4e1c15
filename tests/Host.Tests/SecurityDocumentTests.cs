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
            .SelectMany(code => TestClass.Matches(code).SelectMany(type => TestMethod.Matches(code).Select(method => $"{type.Groups[1].Value}.{method.Groups[1].Value}")))
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

    [GeneratedRegex("`([A-Za-z]+Tests\\.[A-Za-z0-9_]+)`")]
    private static partial Regex Named { get; }

    [GeneratedRegex(@"\bclass ([A-Za-z]+Tests)\b")]
    private static partial Regex TestClass { get; }

    // The attribute and what stands between it and the name: more attributes, the cases of a theory.
    [GeneratedRegex(@"\[(?:Fact|Theory)[^\n]*\n(?:[^\n]*\n)*?\s*public (?:async )?(?:Task|ValueTask|void) ([A-Za-z0-9_]+)\(")]
    private static partial Regex TestMethod { get; }
}
