using System.Text.RegularExpressions;
using Sluice.Host.Tests.Cli;

namespace Sluice.Host.Tests.Webhooks;

/// <summary>Holds the reference of webhook responses to the problems that the code can return.</summary>
public sealed partial class ProblemsTests
{
    private const string Header = "| Situation | Response | Problem | Test |";

    private static readonly string Page = Read("docs", "reference", "webhook-responses.md");

    private static readonly string[] Pages =
        [.. new[] { "webhook-*.md", "idempotency.md", "async-replies.md" }
            .SelectMany(pattern => Directory.EnumerateFiles(Path.Combine(SluiceProgram.RepositoryRoot, "docs", "reference"), pattern))
            .Select(File.ReadAllText)];

    /// <summary>The rows of every table that names situation, response, problem and test.</summary>
    private static readonly string[] Rows = [.. Page.Split(Header).Skip(1).SelectMany(table => table.Split('\n').Skip(2).TakeWhile(line => line.StartsWith('|')))];

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
    public void What_the_pages_say_of_a_problem_is_its_status()
    {
        var named = Pages.SelectMany(page => Named().Matches(page)).Select(match => (Status: match.Groups[1].Value, Type: match.Groups[2].Value)).Distinct().ToArray();

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
            $"docs/reference/webhook-responses.md names the test {test}, which is not there."));
    }

    private static string Read(params string[] path) => File.ReadAllText(Path.Combine([SluiceProgram.RepositoryRoot, .. path]));

    [GeneratedRegex("new\\(([1-5][0-9][0-9]), \"([a-z-]+)\"")]
    private static partial Regex Made();

    [GeneratedRegex("([1-5][0-9][0-9]) `([a-z]+(?:-[a-z]+)*)`")]
    private static partial Regex Named();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
