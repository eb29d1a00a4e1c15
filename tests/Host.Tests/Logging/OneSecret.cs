using Sluice.Engine.Secrets;

namespace Sluice.Host.Tests.Logging;

/// <summary>A host with one secret.</summary>
internal sealed class OneSecret : ISecrets
{
    public IReadOnlyCollection<string> Names => ["token"];

    public SecretMasks Masks => field ??= new SecretMasks(this);

    public string? Find(string name) => name == "token" ? "hush-hush-9000" : null;
}
