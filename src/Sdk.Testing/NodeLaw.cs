namespace Sluice.Sdk.Testing;

/// <summary>A law that every node keeps; see <see cref="NodeContract.Laws"/>.</summary>
public sealed class NodeLaw
{
    internal NodeLaw(string name, string rule, Func<NodeUnderTest, CancellationToken, IAsyncEnumerable<string>> check) =>
        (Name, Rule, Check) = (name, rule, check);

    /// <summary>The law's name, kebab-case.</summary>
    public string Name { get; }

    /// <summary>What it asks for, in a sentence.</summary>
    public string Rule { get; }

    /// <summary>Finds what in a node breaks the law: sentences, none where it keeps it.</summary>
    internal Func<NodeUnderTest, CancellationToken, IAsyncEnumerable<string>> Check { get; }

    /// <summary>The name, which test runners show for a row.</summary>
    public override string ToString() => Name;
}

/// <summary>A law that a node breaks.</summary>
/// <param name="Law">The law's name.</param>
/// <param name="Message">What was done and what came of it.</param>
public sealed record ContractViolation(string Law, string Message);
