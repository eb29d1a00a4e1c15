using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Sluice.Engine.Embedding;

/// <summary>Runs the engine as a service of a generic host: started with it, stopped with it.</summary>
internal sealed class EngineService(EngineLifetime lifetime, IOptions<SluiceEngineOptions> options) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _recovering = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await lifetime.OpenAsync(cancellationToken);
        await lifetime.LoadAsync(_stopping.Token, cancellationToken);
        lifetime.Watch(_stopping.Token);
        _recovering = lifetime.RecoverAsync(_stopping.Token);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!lifetime.IsOpen)
        {
            return;
        }

        await _stopping.CancelAsync();
        await lifetime.StopAsync(options.Value.StopGrace);
        await _recovering;
        await lifetime.EndAsync();
    }

    public void Dispose() => _stopping.Dispose();
}
