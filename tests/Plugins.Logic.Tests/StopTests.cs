using Sluice.Sdk;
using Sluice.Sdk.Testing;

namespace Sluice.Plugins.Logic.Tests;

public sealed class StopTests
{
    [Theory]
    [InlineData("{}", true, null)]
    [InlineData("""{"outcome":"succeeded","message":"Done."}""", true, "Done.")]
    [InlineData("""{"outcome":"failed","message":"No lines."}""", false, "No lines.")]
    public async Task The_run_ends_as_the_config_says(string config, bool succeeded, string? message)
    {
        var outcome = await new NodeEnvironment().RunAsync(new Stop(), config, TestContext.Current.CancellationToken);

        Assert.Equal(new RunEnd(succeeded, message), outcome.End);
    }
}
