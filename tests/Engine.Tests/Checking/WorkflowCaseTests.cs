using Sluice.Engine.Text;

namespace Sluice.Engine.Tests.Checking;

/// <summary>Walks tests/cases/workflows: one file a case, see the README there.</summary>
public sealed class WorkflowCaseTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "cases", "workflows");

    public static TheoryData<string> Cases() =>
        [.. Directory.GetFiles(Folder, "*.txt").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_case_gives_exactly_the_problems_of_its_file(string name)
    {
        var (workflow, expected) = Read(File.ReadAllText(Path.Combine(Folder, name + ".txt")));

        var result = TestCatalog.Checker(["api_key", "orders_db"]).CheckText(workflow);

        Assert.Equal(expected, Write(result.Problems));
        Assert.Equal(result.Problems.IsEmpty, result.Compiled is not null);
    }

    [Fact]
    public void There_are_at_least_forty_cases() => Assert.True(Cases().Count >= 40);

    internal static (string Workflow, string Problems) Read(string file)
    {
        const string heading = "\nproblems:\n";
        var start = file.IndexOf("workflow:\n", StringComparison.Ordinal) + "workflow:\n".Length;
        var end = file.IndexOf(heading, StringComparison.Ordinal);
        return (Outdent(file[start..end]), Outdent(file[(end + heading.Length)..]).TrimEnd());
    }

    internal static string Write(IEnumerable<Problem> problems) => string.Join('\n', problems.Select(problem =>
    {
        var place = string.Join(' ', new[] { problem.Step, problem.Path }.Where(part => part is not null));
        return $"{problem.At?.Line}:{problem.At?.Column} {problem.Rule}{(place.Length == 0 ? "" : $" ({place})")}: {problem.Message}";
    }).DefaultIfEmpty("none"));

    private static string Outdent(string text) =>
        string.Join('\n', text.Split('\n').Select(line => line.StartsWith("  ", StringComparison.Ordinal) ? line[2..] : line));
}
