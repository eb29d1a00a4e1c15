namespace Sluice.Host.Composition;

/// <summary>
/// Has the engine come to rest before the web server stops to listen: until then a new caller is told that the host drains, where nobody listening would be
/// a broken connection.
/// </summary>
internal sealed class DrainFirst : IHostedLifecycleService
{
    /// <summary>Brings the engine to rest; set once there is one.</summary>
    public Func<Task> Drain { get; set; } = () => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Drain();

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
