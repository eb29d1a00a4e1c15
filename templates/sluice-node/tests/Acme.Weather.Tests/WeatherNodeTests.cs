using Sluice.Sdk.Testing;

namespace Acme.Weather.Tests;

public sealed class WeatherNodeTests
{
    [Fact]
    public async Task Everyone_is_greeted_by_name()
    {
        var environment = new NodeEnvironment();

        var outcome = await environment.RunAsync(new WeatherNode(), """{"name":"Grace"}""", TestContext.Current.CancellationToken);

        Assert.Equal("Hello, Grace!", outcome.Output?.GetProperty("text").GetString());
    }
}
