using Sluice.Sdk.Testing;

namespace Sluice.Plugins.Logic.Tests;

public sealed class SetTests
{
    [Fact]
    public async Task The_values_are_the_output_in_their_order_and_digit_for_digit()
    {
        const string values = """{"b":12345678901234567890.10,"a":{"X-y":null},"c":["ü"]}""";

        var outcome = await new NodeEnvironment().RunAsync(new Set(), $$"""{"values":{{values}}}""", TestContext.Current.CancellationToken);

        Assert.Equal(values, outcome.Output?.GetRawText());
    }
}
