using System.Reflection;

namespace Sluice.Sdk.Testing.Tests;

public sealed class NodeContractTests
{
    public static TheoryData<Type> Bent() => [.. BadNodes()];

    [Fact]
    public async Task A_good_node_breaks_no_law() =>
        Assert.Empty(await NodeContract.CheckAsync(typeof(GoodNode), TestContext.Current.CancellationToken));

    [Theory]
    [MemberData(nameof(Bent))]
    public async Task A_bad_node_breaks_its_law_and_no_other(Type node)
    {
        var broken = await NodeContract.CheckAsync(node, TestContext.Current.CancellationToken);

        var law = node.GetCustomAttribute<BreaksLawAttribute>()!.Law;
        Assert.NotEmpty(broken);
        Assert.All(broken, violation => Assert.True(violation.Law == law, violation.ToString()));
    }

    [Fact]
    public void Every_law_has_a_bad_node_that_proves_it() =>
        Assert.Equal(
            NodeContract.Laws.Select(law => law.Name).Order(),
            BadNodes().Select(node => node.GetCustomAttribute<BreaksLawAttribute>()!.Law).Distinct().Order());

    [Fact]
    public async Task A_law_that_does_not_exist_is_an_error_that_names_those_that_do()
    {
        var thrown = await Assert.ThrowsAsync<ArgumentException>(
            () => NodeContract.CheckAsync(typeof(GoodNode), "no-such-law", TestContext.Current.CancellationToken));

        Assert.Contains("missing-field", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_nodes_of_a_plugin_are_its_public_classes_that_can_be_one() =>
        Assert.Equal([typeof(GoodNode), .. BadNodes()], NodeContract.NodesOf(typeof(GoodNode).Assembly).OrderBy(node => node.IsNested));

    private static Type[] BadNodes() => typeof(BentNodes).GetNestedTypes();
}
