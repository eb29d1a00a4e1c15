using Sluice.Engine.Secrets;

namespace Sluice.Simulation.Worlds;

/// <summary>The secrets of the simulated hosts.</summary>
internal sealed class Operator : ISecrets
{
    public const string Token = "hush-hush-9000";

    public static readonly Operator Instance = new();

    private Operator() => Masks = new SecretMasks(this);

    public IReadOnlyCollection<string> Names => ["token"];

    public SecretMasks Masks { get; }

    public string? Find(string name) => name == "token" ? Token : null;
}
