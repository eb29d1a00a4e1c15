namespace Sluice.Sdk.Testing;

/// <summary>A law that every node must keep; see <see cref="NodeContract.Laws"/>.</summary>
public sealed class NodeLaw
{
    internal NodeLaw(string name, string rule, Func<NodeUnderTest, CancellationToken, IAsyncEnumerable<string>> check) =>
        (Name, Rule, Check) = (name, rule, check);

    /// <summary>The name of the law, in kebab-case.</summary>
    public string Name { get; }

    /// <summary>The requirement, as a sentence.</summary>
    public string Rule { get; }

    /// <summary>Finds the violations of a node, as sentences.</summary>
    internal Func<NodeUnderTest, CancellationToken, IAsyncEnumerable<string>> Check { get; }

    /// <summary>Returns the name, which test runners show for a row.</summary>
    public override string ToString() => Name;
}

/// <summary>A violation of a law by a node.</summary>
/// <param name="Law">The name of the law.</param>
/// <param name="Message">What the suite did, and what the node did.</param>
public sealed record ContractViolation(string Law, string Message);
