using System.Text.Json;
using Sluice.Sdk.Testing;

namespace Sluice.Plugins.Logic.Tests;

public sealed class SwitchTests
{
    [Theory]
    [InlineData("\"a\"", """{"one":"a","two":"b"}""", "one")]
    [InlineData("\"b\"", """{"one":"a","two":["x","b"]}""", "two")]
    [InlineData("\"a\"", """{"one":"a","two":"a"}""", "one")]
    [InlineData("\"A\"", """{"one":"a"}""", "default")]
    [InlineData("\"200\"", """{"ok":200}""", "ok")]
    [InlineData("null", """{"none":null}""", "none")]
    [InlineData("null", """{"none":""}""", "default")]
    [InlineData("[1]", """{"list":[[1]]}""", "list")]
    [InlineData("[1]", """{"list":[1]}""", "list")]
    [InlineData("\"a\"", "{}", "default")]
    public async Task The_first_case_that_matches_is_the_port(string value, string cases, string port)
    {
        var outcome = await new NodeEnvironment().RunAsync(
            new Switch(), $$"""{"value":{{value}},"cases":{{cases}}}""", TestContext.Current.CancellationToken);

        Assert.Equal(port, outcome.Port);
        Assert.Equal(port, outcome.Output!.Value.GetProperty("case").GetString());
    }

    [Theory]
    [InlineData("""{"value":"{{ a.output }}","cases":{"two":"{{ b.output }}","one":1}}""", new[] { "two", "one", "default" })]
    [InlineData("""{"cases":"{{ a.output }}"}""", new[] { "default" })]
    [InlineData("{}", new[] { "default" })]
    public void The_ports_are_the_names_of_the_cases_as_written_and_default(string config, string[] ports) =>
        Assert.Equal(ports, new Switch().PortsOf(JsonElement.Parse(config)));

    [Fact]
    public async Task A_case_named_default_is_refused()
    {
        var outcome = await new NodeEnvironment().RunAsync(
            new Switch(), """{"value":1,"cases":{"default":1}}""", TestContext.Current.CancellationToken);

        Assert.StartsWith("cases.default:", outcome.Failure?.Message, StringComparison.Ordinal);
    }
}
