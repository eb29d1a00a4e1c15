using System.Collections.Immutable;
using System.Reflection;

namespace Sluice.Sdk.Testing;

/// <summary>The contract suite: the laws of <see cref="INode"/>, and the check of a node against them. It needs no test framework and no network.</summary>
/// <example>With xunit, a row for each node of a plugin and each law:
/// <code>
/// public static IEnumerable&lt;(Type Node, string Law)&gt; Rows() =&gt; NodeContract.Rows(typeof(MyNode).Assembly);
///
/// [Theory, MemberData(nameof(Rows))]
/// public async Task The_node_keeps_the_law(Type node, string law) =&gt; Assert.Empty(await NodeContract.CheckAsync(node, law));
/// </code>
/// With any other framework, or in a program of your own, <see cref="CheckAsync(Assembly, CancellationToken)"/> gives what a plugin breaks.
/// </example>
public static class NodeContract
{
    /// <summary>Every law, in the order in which they are best read.</summary>
    public static ImmutableArray<NodeLaw> Laws { get; } =
        [.. SpecLaws.All, .. ConfigLaws.All, .. CallLaws.All, .. CancellationLaw.All, .. RepeatLaw.All, .. SecretLaw.All, .. FolderLaw.All, .. UnloadLaw.All];

    /// <summary>The nodes of a plugin: its public classes that implement <see cref="INode"/>.</summary>
    public static ImmutableArray<Type> NodesOf(Assembly plugin)
    {
        ArgumentNullException.ThrowIfNull(plugin);
        return [.. plugin.GetExportedTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(INode)))];
    }

    /// <summary>The rows of a table of tests: each node of a plugin with the name of each law.</summary>
    public static IReadOnlyList<(Type Node, string Law)> Rows(Assembly plugin) =>
        [.. NodesOf(plugin).SelectMany(_ => Laws, (node, law) => (node, law.Name))];

    /// <summary>Holds every node of a plugin to every law.</summary>
    /// <returns>What they break; empty where they keep them all.</returns>
    /// <exception cref="ArgumentException">There is no node in the assembly.</exception>
    public static async Task<IReadOnlyList<ContractViolation>> CheckAsync(Assembly plugin, CancellationToken cancellationToken = default)
    {
        var nodes = NodesOf(plugin);
        if (nodes.IsEmpty)
        {
            throw new ArgumentException($"{plugin.GetName().Name} has no node: no public class that implements INode.", nameof(plugin));
        }

        List<ContractViolation> violations = [];
        foreach (var node in nodes)
        {
            violations.AddRange((await CheckAsync(node, cancellationToken)).Select(violation => violation with { Message = $"{node.Name}: {violation.Message}" }));
        }

        return violations;
    }

    /// <summary>Holds a node to every law.</summary>
    /// <returns>What it breaks; empty where it keeps them all.</returns>
    public static async Task<IReadOnlyList<ContractViolation>> CheckAsync(Type node, CancellationToken cancellationToken = default)
    {
        List<ContractViolation> violations = [];
        foreach (var law in Laws)
        {
            violations.AddRange(await CheckAsync(node, law.Name, cancellationToken));
        }

        return violations;
    }

    /// <summary>Holds a node to one law.</summary>
    /// <param name="node">The node's class.</param>
    /// <param name="law">The law's name.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <exception cref="ArgumentException">There is no such law, or the type is no node.</exception>
    public static Task<IReadOnlyList<ContractViolation>> CheckAsync(Type node, string law, CancellationToken cancellationToken = default) =>
        CheckAsync(node, law, make: null, cancellationToken);

    /// <summary>Holds a node to one law, where its instances come from elsewhere: a host that runs it in a process of its own, for example.</summary>
    /// <param name="node">The node's class; what a law asks of the assembly and its folder is asked of this one.</param>
    /// <param name="law">The law's name.</param>
    /// <param name="make">Gives the instance that is called; null where the class's own constructor does.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <exception cref="ArgumentException">There is no such law, or the type is no node.</exception>
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
            // Every law needs an instance and its spec; only the law about them speaks of it.
            if (law == SpecLaws.Usable)
            {
                violations.Add(new ContractViolation(law, unusable.Message));
            }
        }

        return violations;
    }
}
