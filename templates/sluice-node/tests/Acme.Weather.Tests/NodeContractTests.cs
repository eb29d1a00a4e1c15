using Sluice.Sdk.Testing;

namespace Acme.Weather.Tests;

/// <summary>Checks every node of the plugin against every law.</summary>
public sealed class NodeContractTests
{
    public static IEnumerable<(Type Node, string Law)> Rows() => NodeContract.Rows(typeof(WeatherNode).Assembly);

    [Theory, MemberData(nameof(Rows))]
    public async Task The_node_keeps_the_law(Type node, string law) =>
        Assert.Empty(await NodeContract.CheckAsync(node, law, TestContext.Current.CancellationToken));
}
