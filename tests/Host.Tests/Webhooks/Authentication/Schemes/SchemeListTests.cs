using Sluice.Engine.Compiled;
using Sluice.Engine.Tests.Checking;
using Sluice.Host.Tests.Cli;
using Sluice.Host.Webhooks.Authentication.Schemes;

namespace Sluice.Host.Tests.Webhooks.Authentication.Schemes;

public sealed class SchemeListTests
{
    private static readonly string _folder = Path.Combine(SluiceProgram.RepositoryRoot, "tests", "cases", "workflows");

    public static TheoryData<string> Cases() =>
    [
        .. Directory.GetFiles(_folder, "*.txt").Select(file => Path.GetFileNameWithoutExtension(file)).Where(WorkflowCase.IsOfSchemes).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_case_gives_exactly_the_problems_of_its_file(string name)
    {
        var (workflow, expected) = WorkflowCase.Read(File.ReadAllText(Path.Combine(_folder, name + ".txt")));

        var result = TestCatalog.Checker(WorkflowCase.Secrets, SchemeList.All).CheckText(workflow);

        Assert.Equal(expected, WorkflowCase.Write(result.Problems));
        Assert.Equal(result.Problems.IsEmpty, result.Compiled is not null);
    }

    [Theory]
    [InlineData("stripe", BodyUse.Value)]
    [InlineData("github", BodyUse.None)]
    public void A_delivery_key_reads_the_body_or_does_not(string key, object use)
    {
        var result = TestCatalog.Checker(WorkflowCase.Secrets, SchemeList.All).CheckText($$"""
            name: orders
            trigger: { type: webhook, config: { path: orders/, idempotency: {{key}} } }
            steps:
              - { key: only, type: set, config: { values: {} } }
            """);

        Assert.Equal(use, result.Compiled!.BodyUse);
    }

    [Fact]
    public void There_are_at_least_thirty_cases() => Assert.True(Cases().Count >= 30);

    [Fact]
    public void Each_scheme_is_the_file_of_its_name_and_in_the_list()
    {
        var files = Directory.GetFiles(Path.Combine(SluiceProgram.RepositoryRoot, "src/Host/Webhooks/Authentication/Schemes"), "*Scheme.cs");

        Assert.Equal(
            files.Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal),
            SchemeList.All.All.Select(scheme => scheme.GetType().Name).Order(StringComparer.Ordinal));
    }
}
