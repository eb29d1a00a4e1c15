using System.Collections.Immutable;
using System.Reflection;

namespace Sluice.Sdk.Testing;

/// <summary>The contract suite: it checks nodes against the laws of <see cref="INode"/>. It needs no test framework and no network.</summary>
/// <example>With xunit, write one test with a row for each node and law:
/// <code>
/// public static IEnumerable&lt;(Type Node, string Law)&gt; Rows() =&gt; NodeContract.Rows(typeof(MyNode).Assembly);
///
/// [Theory, MemberData(nameof(Rows))]
/// public async Task The_node_keeps_the_law(Type node, string law) =&gt; Assert.Empty(await NodeContract.CheckAsync(node, law));
/// </code>
/// With another framework, or in a program, call <see cref="CheckAsync(Assembly, CancellationToken)"/>.
/// </example>
public static class NodeContract
{
    /// <summary>All laws, grouped by subject.</summary>
    public static ImmutableArray<NodeLaw> Laws { get; } =
        [.. SpecLaws.All, .. ConfigLaws.All, .. CallLaws.All, .. CancellationLaw.All, .. RepeatLaw.All, .. SecretLaw.All, .. FolderLaw.All, .. UnloadLaw.All];

    /// <summary>Returns the nodes of a plugin: its public classes that implement <see cref="INode"/>.</summary>
    public static ImmutableArray<Type> NodesOf(Assembly plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        return [.. plugin.GetExportedTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(INode)))];
    }

    /// <summary>Returns one row for each node of a plugin and the name of each law, as data for a test.</summary>
    public static IReadOnlyList<(Type Node, string Law)> Rows(Assembly plugin) =>
        [.. NodesOf(plugin).SelectMany(_ => Laws, (node, law) => (node, law.Name))];

    /// <summary>Checks every node of a plugin against every law.</summary>
    /// <returns>The violations; empty if there are none.</returns>
    /// <exception cref="ArgumentException">The assembly contains no node.</exception>
    public static async Task<IReadOnlyList<ContractViolation>> CheckAsync(Assembly plugin, CancellationToken cancellationToken = default)
    {
        var nodes = NodesOf(plugin);
        if (nodes.IsEmpty)
        {
            throw new ArgumentException($"{plugin.GetName().Name} has no node. Add a public class that derives from PureNode or Node.", nameof(plugin));
        }

        List<ContractViolation> violations = [];
        foreach (var node in nodes)
        {
            violations.AddRange((await CheckAsync(node, cancellationToken)).Select(violation => violation with { Message = $"{node.Name}: {violation.Message}" }));
        }

        return violations;
    }

    /// <summary>Checks a node against every law.</summary>
    /// <returns>The violations; empty if there are none.</returns>
    public static async Task<IReadOnlyList<ContractViolation>> CheckAsync(Type node, CancellationToken cancellationToken = default)
    {
        List<ContractViolation> violations = [];
        foreach (var law in Laws)
        {
            violations.AddRange(await CheckAsync(node, law.Name, cancellationToken));
        }

        return violations;
    }

    /// <summary>Checks a node against one law.</summary>
    /// <param name="node">The class of the node.</param>
    /// <param name="law">The name of the law.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <exception cref="ArgumentException">The law does not exist, or the type is not a node.</exception>
    public static Task<IReadOnlyList<ContractViolation>> CheckAsync(Type node, string law, CancellationToken cancellationToken = default) =>
        CheckAsync(node, law, make: null, cancellationToken);

    /// <summary>Checks instances of a node from another source against one law, such as those of a host that runs the node in its own process.</summary>
    /// <param name="node">The class of the node, for laws about the assembly and its folder.</param>
    /// <param name="law">The name of the law.</param>
    /// <param name="make">Returns the instance to call; null to use the constructor of the class.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <exception cref="ArgumentException">The law does not exist, or the type is not a node.</exception>
    public static async Task<IReadOnlyList<ContractViolation>> CheckAsync(Type node, string law, Func<INode>? make, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (!node.IsAssignableTo(typeof(INode)))
        {
            throw new ArgumentException($"{node.Name} does not implement INode.", nameof(node));
        }

        var found = Laws.FirstOrDefault(one => one.Name == law)
            ?? throw new ArgumentException($"There is no law `{law}`; the laws are {string.Join(", ", Laws)}.", nameof(law));
        List<ContractViolation> violations = [];
        try
        {
            await foreach (var message in found.Check(new NodeUnderTest(node, make), cancellationToken).WithCancellation(cancellationToken))
            {
                violations.Add(new ContractViolation(law, message));
            }
        }
        catch (UnusableNodeException unusable)
        {
            // Every law needs an instance and its spec, but only one law reports that they are missing.
            if (law == SpecLaws.Usable)
            {
                violations.Add(new ContractViolation(law, unusable.Message));
            }
        }

        return violations;
    }
}
