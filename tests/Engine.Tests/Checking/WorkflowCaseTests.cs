namespace Sluice.Engine.Tests.Checking;

/// <summary>Walks tests/cases/workflows: one file a case, see the README there.</summary>
public sealed class WorkflowCaseTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "cases", "workflows");

    public static TheoryData<string> Cases() =>
    [
        .. Directory.GetFiles(Folder, "*.txt").Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(name => !WorkflowCase.IsOfSchemes(name))
            .Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_case_gives_exactly_the_problems_of_its_file(string name)
    {
        var (workflow, expected) = WorkflowCase.Read(File.ReadAllText(Path.Combine(Folder, name + ".txt")));

        var result = TestCatalog.Checker(WorkflowCase.Secrets).CheckText(workflow);

        Assert.Equal(expected, WorkflowCase.Write(result.Problems));
        Assert.Equal(result.Problems.IsEmpty, result.Compiled is not null);
    }

    [Fact]
    public void There_are_at_least_forty_cases() => Assert.True(Cases().Count >= 40);
}
