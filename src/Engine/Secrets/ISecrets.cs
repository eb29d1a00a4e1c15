namespace Sluice.Engine.Secrets;

/// <summary>The secrets that the operator has given the host.</summary>
internal interface ISecrets
{
    /// <summary>The names of all secrets there are.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>The value of a secret; null where there is none of that name.</summary>
    string? Find(string name);

    /// <summary>What hides them.</summary>
    SecretMasks Masks { get; }
}
