namespace Sluice.Engine.Secrets;

/// <summary>The secrets that the operator has configured.</summary>
internal interface ISecrets
{
    /// <summary>The names of all secrets.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>Returns the value of a secret; null if there is none with that name.</summary>
    string? Find(string name);

    /// <summary>The masks that hide them.</summary>
    SecretMasks Masks { get; }
}
