using System.Text.RegularExpressions;
using Sluice.Host.Tests.Cli;

namespace Sluice.Host.Tests.Webhooks;

/// <summary>The page that tells callers what they get is the code's, and no other.</summary>
public sealed partial class ProblemsTests
{
    private static readonly string Page = Read("docs", "webhooks.md");

    private static readonly string[] Rows = [.. Page[Page.IndexOf("## All answers", StringComparison.Ordinal)..Page.IndexOf("## Authentication", StringComparison.Ordinal)]
        .Split('\n').Where(line => line.StartsWith('|')).Skip(2)];

    private static readonly (string Status, string Type)[] Problems =
        [.. Made().Matches(Read("src", "Host", "Webhooks", "Problems.cs")).Select(made => (made.Groups[1].Value, made.Groups[2].Value)).Distinct()];

    [Fact]
    public void Every_problem_that_a_caller_can_be_given_has_a_row_on_the_page_and_the_other_way_round()
    {
        var rows = Rows.Select(row => row.Split('|')).Select(cells => (Status: cells[2].Trim().Split(' ', ',')[0], Type: cells[3].Trim(' ', '`')))
            .Where(row => row.Type.Length > 0).Distinct();

        Assert.Equal(Problems.Order(), rows.Order());
    }

    [Fact]
    public void What_the_rest_of_the_page_says_of_a_problem_is_its_status()
    {
        var named = Named().Matches(Page).Select(match => (Status: match.Groups[1].Value, Type: match.Groups[2].Value)).Distinct().ToArray();

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(name, Problems));
    }

    [Fact]
    public void Every_test_that_a_row_names_is_there()
    {
        var tests = Rows.SelectMany(row => Quoted().Matches(row.Split('|')[4])).Select(match => match.Groups[1].Value).Distinct().ToArray();

        Assert.NotEmpty(tests);
        Assert.All(tests, test => Assert.True(
            new[] { "Webhooks", "." }.Any(folder => File.Exists(Path.Combine(SluiceProgram.RepositoryRoot, "tests", "Host.Tests", folder, $"{test}.cs"))),
            $"docs/webhooks.md names the test {test}, which is not there."));
    }

    private static string Read(params string[] path) => File.ReadAllText(Path.Combine([SluiceProgram.RepositoryRoot, .. path]));

    [GeneratedRegex("new\\(([1-5][0-9][0-9]), \"([a-z-]+)\"")]
    private static partial Regex Made();

    [GeneratedRegex("([1-5][0-9][0-9]) `([a-z]+(?:-[a-z]+)*)`")]
    private static partial Regex Named();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
