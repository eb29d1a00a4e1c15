namespace Sluice.Engine.Outbound;

/// <summary>Owns the HTTP client that all nodes of an engine share.</summary>
internal sealed class OutboundClient(AddressGuard guard) : IDisposable
{
    public HttpClient Http { get; } = GuardedHttpClient.Create(guard);

    public void Dispose() => Http.Dispose();
}
