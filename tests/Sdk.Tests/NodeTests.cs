using System.Text;
using Sluice.Sdk.Testing;

namespace Sluice.Sdk.Tests;

public sealed class NodeTests
{
    [Fact]
    public async Task Config_and_output_are_snake_case_whatever_the_options_of_the_author_say()
    {
        var outcome = await RunAsync("""{"name":"a","border_color":"dark_red","color":"dark_red","wait":"1500ms","counts":{"A-b":1}}""");

        Assert.Equal("""{"name":"a","color":"dark_red"}""", outcome.Output?.GetRawText());
        Assert.Equal("out", outcome.Port);
    }

    [Theory]
    [InlineData("{}", "name: is missing.")]
    [InlineData("""{"name":1}""", "name: must be a string, not a number.")]
    [InlineData("""{"name":null}""", "name: must be a string, not null.")]
    [InlineData("""{"name":"a","color":"blue"}""", "color: must be one of `dark_red`, `green`.")]
    [InlineData("""{"name":"a","color":0}""", "color: must be a string, not a number.")]
    [InlineData("""{"name":"a","times":1.5}""", "times: must be a whole number, not a fraction.")]
    [InlineData("""{"name":"a","wait":"soon"}""", "wait: must be a whole number and a unit (ms, s, m, h), such as 500ms, 10s, 2m or 1h.")]
    [InlineData("""{"name":"a","parts":[{"size":1},{"size":"big"}]}""", "parts[1].size: must be a number, not a string.")]
    [InlineData("""{"name":"a","parts":[{}]}""", "parts[0].size: is missing.")]
    [InlineData("""{"name":"a","counts":{"x":true}}""", "counts.x: must be a whole number, not true or false.")]
    [InlineData("""{"name":"a","Name":"b"}""", "Name: is not a known field. The fields are: name, color, border_color, times, wait, anything, password, parts, waits, counts.")]
    [InlineData("[]", "It must be an object, not a list.")]
    [InlineData("null", "It must be an object, not null.")]
    [InlineData("""{"name":"forbidden"}""", "name: This name is taken.")]
    public async Task A_config_that_is_wrong_fails_with_the_place_and_the_rule(string config, string message)
    {
        var outcome = await RunAsync(config);

        var place = message.Contains(": ", StringComparison.Ordinal) ? message[..message.IndexOf(": ", StringComparison.Ordinal)] : "";
        Assert.Equal(new NodeFailure(FailureKind.Config, message) { ConfigPath = place }, outcome.Failure);
    }

    [Theory]
    [InlineData("""{"name":"a","parts":[{"size":"big"},{"size":"big"}]}""", "parts")]
    [InlineData("""{"name":"a","parts":[{"size":"big","other":1}]}""", "parts[0]")]
    [InlineData("""{"name":"a","wait":"soon","waits":["soon"]}""", "")]
    [InlineData("""{"name":"a","waits":["soon","late"]}""", "waits")]
    [InlineData("""{"name":"a","counts":{"x":true,"xy":true}}""", "counts")]
    public async Task Several_problems_are_placed_in_the_innermost_field_that_holds_them_all(string config, string place)
    {
        var failure = (await RunAsync(config)).Failure;

        Assert.Equal((FailureKind.Config, place), (failure?.Kind, failure?.ConfigPath));
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_told_at_once_and_no_value_is()
    {
        var outcome = await RunAsync("""{"times":"hunter2","password":{"a":"hunter2"}}""");

        Assert.Contains("name: ", outcome.Failure!.Message, StringComparison.Ordinal);
        Assert.Contains("times: ", outcome.Failure.Message, StringComparison.Ordinal);
        Assert.Contains("password: ", outcome.Failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", outcome.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_check_tells_what_a_run_would() =>
        Assert.Equal([new ConfigProblem("name", "is missing.")], ((INode)new SampleNode()).Check("{}"u8.ToArray()));

    [Fact]
    public async Task A_failure_is_passed_on_as_it_is()
    {
        var failure = new NodeFailure("own_word", "Because.", Retryable: true);

        Assert.Equal(failure, (await RunAsync("""{"name":"a"}""", _ => failure)).Failure);
    }

    [Fact]
    public async Task A_node_that_returns_nothing_breaks_its_contract()
    {
        NodeResult<SampleOutput>[] nothings = [default, (SampleOutput)null!, (NodeFailure)null!, (Suspension)null!];

        foreach (var nothing in nothings)
        {
            Assert.Equal(
                new NodeFailure(FailureKind.Defect, "The node 'sample' returned null instead of an output. That is a defect of the node; report it to its author."),
                (await RunAsync("""{"name":"a"}""", _ => nothing)).Failure);
        }
    }

    [Theory]
    [InlineData("""{"name":"a","times":99999999999}""", "times: ")]
    [InlineData("""{"name":"a","counts":{"x":99999999999}}""", "counts.x: cannot hold this value: it is out of range or not in the expected format.")]
    public async Task A_value_that_a_field_cannot_hold_is_told_without_types_of_the_code(string config, string message)
    {
        var failure = (await RunAsync(config)).Failure;

        Assert.Equal(FailureKind.Config, failure?.Kind);
        Assert.StartsWith(message, failure?.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suspension_is_passed_on_as_it_is()
    {
        var until = new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

        Assert.Equal(until, (await RunAsync("""{"name":"a"}""", _ => new Suspension(until))).Suspension?.Until);
    }

    [Fact]
    public async Task An_end_of_the_run_is_passed_on_with_the_output()
    {
        var outcome = await RunAsync("""{"name":"a"}""", _ => SampleNode.Ending(false, "Enough."));

        Assert.Equal(new RunEnd(false, "Enough."), outcome.End);
        Assert.Equal("""{"name":"end","color":"dark_red"}""", outcome.Output?.GetRawText());
    }

    [Theory]
    [InlineData("0ms", 0)]
    [InlineData("500ms", 500)]
    [InlineData("10s", 10_000)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("99999999h", 359_999_996_400_000)]
    public async Task A_length_of_time_is_a_number_and_a_unit(string text, long milliseconds)
    {
        TimeSpan? seen = null;

        await RunAsync($$"""{"name":"a","wait":"{{text}}"}""", config =>
        {
            seen = config.Wait;
            return new SampleOutput("", Color.Green);
        });

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), seen);
    }

    [Fact]
    public async Task Output_keeps_letters_of_every_language_readable()
    {
        var result = await new SampleNode().RunAsync(
            "{\"name\":\"grüß <b>\"}"u8.ToArray(), new NodeEnvironment().NewContext(), TestContext.Current.CancellationToken);

        Assert.Equal("""{"name":"grüß <b>","color":"green"}""", Encoding.UTF8.GetString(Assert.IsType<NodeResult.Completed>(result).Output.Span));
    }

    private static Task<NodeOutcome> RunAsync(string config, Func<SampleConfig, NodeResult<SampleOutput>>? run = null) =>
        new NodeEnvironment().RunAsync(new SampleNode(run), config, TestContext.Current.CancellationToken);
}
