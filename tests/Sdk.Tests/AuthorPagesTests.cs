using System.Reflection;
using System.Text.Json;
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

    [Fact]
    public void The_template_takes_the_version_of_this_sdk()
    {
        var template = JsonElement.Parse(File.ReadAllText(Path.Combine(Root, "templates/sluice-node/.template.config/template.json")));
        var version = typeof(INode).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

        Assert.Equal(version, template.GetProperty("symbols").GetProperty("sluice-version").GetProperty("defaultValue").GetString());
    }
}
