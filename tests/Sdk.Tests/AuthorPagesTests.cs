using System.Reflection;
using Sluice.Sdk.Testing;

namespace Sluice.Sdk.Tests;

/// <summary>What plugin authors read and start from says what is so. (Its listings are run by .ci/stranger.)</summary>
public sealed class AuthorPagesTests
{
    private static readonly string Root = typeof(AuthorPagesTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "RepositoryRoot").Value!;

    [Fact]
    public void The_reference_lists_every_law_in_its_own_words()
    {
        var rows = File.ReadLines(Path.Combine(Root, "docs/reference/contract-laws.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal));

        Assert.Equal(NodeContract.Laws.Select(law => $"| `{law.Name}` | {law.Rule} |"), rows);
    }
}
