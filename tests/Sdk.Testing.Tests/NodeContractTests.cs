using System.Reflection;
using Sluice.Fixtures.Untidy;

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

        var law = LawOf(node);
        Assert.NotEmpty(broken);
        Assert.All(broken, violation => Assert.True(violation.Law == law, violation.ToString()));
    }

    [Fact]
    public void Every_law_has_a_bad_node_that_proves_it() =>
        Assert.Equal(
            NodeContract.Laws.Select(law => law.Name).Order(),
            BadNodes().Select(node => LawOf(node)).Distinct().Order());

    [Fact]
    public async Task A_law_that_does_not_exist_is_an_error_that_names_those_that_do()
    {
        var thrown = await Assert.ThrowsAsync<ArgumentException>(
            () => NodeContract.CheckAsync(typeof(GoodNode), "no-such-law", TestContext.Current.CancellationToken));

        Assert.Contains("missing-field", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_nodes_of_a_plugin_are_its_public_classes_that_can_be_one() =>
        Assert.Equal([typeof(GoodNode), .. typeof(BentNodes).GetNestedTypes()], NodeContract.NodesOf(typeof(GoodNode).Assembly).OrderBy(node => node.IsNested));

    [Fact]
    public async Task A_plugin_is_checked_as_a_whole_and_each_violation_names_the_node()
    {
        var broken = await NodeContract.CheckAsync(typeof(Untidy).Assembly, TestContext.Current.CancellationToken);

        Assert.StartsWith("Untidy: sdk-copy: ", Assert.Single(broken).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_assembly_without_a_node_is_an_error_and_no_success() =>
        await Assert.ThrowsAsync<ArgumentException>(() => NodeContract.CheckAsync(typeof(NodeContract).Assembly, TestContext.Current.CancellationToken));

    [Fact]
    public async Task A_plugin_that_does_not_leave_memory_is_told_what_holds_it()
    {
        var broken = await NodeContract.CheckAsync(typeof(BentNodes.HearsTheProcessEnd), "unloads", TestContext.Current.CancellationToken);

        Assert.NotEmpty(broken);
        Assert.Contains("System.AppDomain.ProcessExit", broken[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_node_of_a_plugin_has_a_row_for_each_law() =>
        Assert.Equal(NodeContract.Laws.Select(law => (typeof(Untidy), law.Name)), NodeContract.Rows(typeof(Untidy).Assembly));

    private static Type[] BadNodes() => [.. typeof(BentNodes).GetNestedTypes(), typeof(Untidy)];

    // The one whose folder is wrong, and not its code, is a plugin by itself.
    private static string LawOf(Type node) => node.GetCustomAttribute<BreaksLawAttribute>()?.Law ?? "folder-clean";
}
