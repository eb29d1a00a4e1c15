[assembly: AssemblyFixture(typeof(Sluice.Host.Tests.SharedHost))]

namespace Sluice.Host.Tests;

/// <summary>The one host that all tests share that do not stop it or need it set up otherwise. Each test publishes workflows under names of its own.</summary>
public sealed class SharedHost : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private TestHost? _host;

    internal TestHost Host => _host ?? throw new InvalidOperationException("The host has not been started.");

    internal string Workflows => _folder.Workflows;

    public async ValueTask InitializeAsync() => _host = await TestHost.StartAsync(_folder);

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _folder.Dispose();
    }
}
