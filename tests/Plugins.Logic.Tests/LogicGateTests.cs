using System.Text.Json;
using Sluice.Sdk;
using Sluice.Sdk.Testing;

namespace Sluice.Plugins.Logic.Tests;

public sealed class LogicGateTests
{
    public static TheoryData<string> Lines() => [.. OperatorCase.All().Select(line => line.Where)];

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task A_line_of_the_tables_holds(string where)
    {
        var line = OperatorCase.All().Single(one => one.Where == where);

        var outcome = await RunAsync(line.Config());

        var answer = outcome switch
        {
            { Port: "true" } => "yes",
            { Port: "false" } => "no",
            { Failure.Kind: FailureKind.Config } when outcome.Failure.Message.StartsWith("conditions[0].value:", StringComparison.Ordinal) => "refused",
            _ => outcome.ToString(),
        };
        Assert.Equal(line.Expected, answer);
    }

    [Fact]
    public void Every_operator_has_a_row_in_the_table_and_at_least_two_lines_of_cases()
    {
        var lines = OperatorCase.All().CountBy(line => line.Operator).ToDictionary();

        Assert.All(Enum.GetValues<Operator>(), name =>
        {
            Assert.True(Operators.All.ContainsKey(name), $"{name} has no row.");
            Assert.True(lines.GetValueOrDefault(JsonNamingPolicy.SnakeCaseLower.ConvertName(name.ToString())) >= 2, $"{name} has no cases.");
        });
    }

    [Theory]
    [InlineData("and", "5", "5", "true", "[0,1]")]
    [InlineData("and", "5", "6", "false", "[0]")]
    [InlineData("or", "6", "5", "true", "[1]")]
    [InlineData("or", "6", "6", "false", "[]")]
    public async Task Conditions_are_combined_and_the_ones_that_held_are_told(string combine, string first, string second, string result, string matched)
    {
        var outcome = await RunAsync($$"""
            {"combine":"{{combine}}","conditions":[{"field":{{first}},"operator":"equals","value":5},{"field":{{second}},"operator":"equals","value":5}]}
            """);

        Assert.Equal($$"""{"result":{{result}},"matched_conditions":{{matched}}}""", outcome.Output?.GetRawText());
        Assert.Equal(result, outcome.Port);
    }

    [Fact]
    public async Task A_gate_without_conditions_is_refused() =>
        Assert.StartsWith("conditions:", (await RunAsync("""{"conditions":[]}""")).Failure?.Message, StringComparison.Ordinal);

    [Fact]
    public async Task Every_condition_that_is_wrong_is_told_at_once()
    {
        var outcome = await RunAsync("""
            {"conditions":[{"field":1,"operator":"between","value":1},{"field":1,"operator":"exists","value":1},{"field":1,"operator":"in"}]}
            """);

        Assert.Equal(FailureKind.Config, outcome.Failure?.Kind);
        Assert.All([0, 1, 2], index => Assert.Contains($"conditions[{index}].value:", outcome.Failure!.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pattern_that_would_take_for_ever_is_given_up()
    {
        // The look-ahead keeps it from the engine of linear time; the rest is the textbook case of doubling with every letter.
        var outcome = await RunAsync($$"""{"conditions":[{"field":"{{new string('a', 60)}}!","operator":"matches","value":"^(?=a)(a+)+$"}]}""");

        Assert.Equal(FailureKind.Timeout, outcome.Failure?.Kind);
        Assert.StartsWith("conditions[0]:", outcome.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pattern_of_linear_time_is_not_given_up() =>
        Assert.Equal("false", (await RunAsync($$"""{"conditions":[{"field":"{{new string('a', 5000)}}!","operator":"matches","value":"^(a+)+$"}]}""")).Port);

    private static Task<NodeOutcome> RunAsync(string config) =>
        new NodeEnvironment().RunAsync(new LogicGate(), config, TestContext.Current.CancellationToken);
}
