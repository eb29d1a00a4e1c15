using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Blobs;
using Sluice.Engine.Execution;
using Sluice.Engine.Expressions;
using Sluice.Engine.Journal;
using Sluice.Engine.Outbound;
using Sluice.Engine.Plugins;
using Sluice.Engine.Publishing;
using Sluice.Engine.Storage;
using Sluice.Engine.Storage.Sqlite;

namespace Sluice.Engine.Embedding;

/// <summary>Starts and stops an engine, in phases, so that its host can do more in between, such as start to listen.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Its source has no timer and holds nothing; who still waits may read its token after the container was disposed.")]
internal sealed class EngineLifetime(IServiceProvider services, EngineFoundation foundation, ILogger<EngineLifetime> log)
{
    // Longer than a call of plugin code that is given up when the host stops.
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopped = new();
    private Task _warming = Task.CompletedTask;
    private Task _watching = Task.CompletedTask;
    private Task? _stop;

    /// <summary>Whether the engine can be used.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Cancelled once no run is active any more, because the engine has stopped.</summary>
    public CancellationToken Stopped => _stopped.Token;

    /// <summary>Opens the journal, and loads the plugins and the published workflows. No run continues yet.</summary>
    /// <exception cref="DataDirectoryException">The data folder can't be used.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await foundation.OpenAsync(cancellationToken);
        // The container disposes in the opposite order: first what uses the journal, then the journal, the plugins, and their HTTP client.
        services.GetRequiredService<OutboundClient>();
        var plugins = services.GetRequiredService<PluginHost>();
        services.GetRequiredService<IStorage>();
        var workflows = services.GetRequiredService<WorkflowRegistry>();
        services.GetRequiredService<CallWatch>();
        var recovery = services.GetRequiredService<RunRecovery>();
        services.GetRequiredService<ClaimSweep>();
        services.GetRequiredService<EngineGauges>();
        try
        {
            await recovery.CountAsync(cancellationToken);
            await workflows.LoadAsync(plugins.RestoreAsync, cancellationToken);
            plugins.Users = workflows;
            IsOpen = true;
        }
        catch
        {
            plugins.StopWaiting();
            throw;
        }
    }

    /// <summary>Publishes the files of the workflow folder. What the first requests need is compiled meanwhile, and not waited for.</summary>
    /// <param name="stopping">Cancelled when the engine is to stop.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public async Task LoadAsync(CancellationToken stopping, CancellationToken cancellationToken)
    {
        _warming = Task.Run(() => WarmAsync(stopping), CancellationToken.None);
        if (services.GetRequiredService<WatchedFolders>().Workflows is { } folder)
        {
            await folder.LoadAsync(cancellationToken);
        }
    }

    /// <summary>Watches the folders and applies retention until the engine is to stop.</summary>
    public void Watch(CancellationToken stopping)
    {
        stopping.Register(services.GetRequiredService<PluginHost>().StopWaiting);
        var folders = services.GetRequiredService<WatchedFolders>();
        _watching = Task.WhenAll(
            folders.Workflows?.WatchAsync(stopping) ?? Task.CompletedTask,
            folders.Plugins.WatchAsync(stopping),
            services.GetRequiredService<BlobSweep>().RunAsync(stopping),
            services.GetRequiredService<RetentionSweep>().RunAsync(stopping));
    }

    /// <summary>Continues the runs that were left unfinished. Never throws: what fails is logged, and waits for the next start.</summary>
    public async Task RecoverAsync(CancellationToken stopping)
    {
        try
        {
            await _warming;
            await WarmUpExpressionsAsync();
            var taken = await services.GetRequiredService<RunRecovery>().SweepAsync(stopping);
            if (taken > 0)
            {
                log.LogInformation("{Count} unfinished runs continue", taken);
            }
        }
        catch (OperationCanceledException)
        {
            log.LogInformation("The host stops before all unfinished runs continued; the rest waits for the next start");
        }
        catch (Exception exception)
        {
            log.LogError(exception, "The unfinished runs can't be continued now; they wait for the next start");
        }
    }

    /// <summary>Gives the active runs time to end, then stops the rest. Further calls wait for the same stop.</summary>
    public Task StopAsync(TimeSpan grace)
    {
        lock (_gate)
        {
            return _stop ??= StopOnceAsync(grace);
        }
    }

    /// <summary>Waits for what <see cref="LoadAsync"/> and <see cref="Watch"/> began, which ends when the engine is to stop.</summary>
    public async Task EndAsync()
    {
        await EndAsync(_watching, "Watching the folders");
        await EndAsync(_warming, "Warming up");
    }

    private async Task StopOnceAsync(TimeSpan grace)
    {
        await services.GetRequiredService<Runner>().StopAsync(grace);
        await _stopped.CancelAsync();
    }

    private async Task WarmAsync(CancellationToken stopping)
    {
        var workflows = services.GetRequiredService<WorkflowRegistry>();
        workflows.CompileAhead(stopping);
        await services.GetRequiredService<PluginHost>().WarmAsync(workflows.NodeTypes);
    }

    // Before the unfinished runs continue, whose scripts would be the first otherwise. If a busy machine makes it fail, they continue anyway.
    private async Task WarmUpExpressionsAsync()
    {
        try
        {
            await Task.Run(() => ExpressionWarmUp.Run());
        }
        catch (ExpressionException exception)
        {
            log.LogInformation("The first script was not done ahead of the first request: {Reason}", exception.Message);
        }
    }

    // What hangs in the file system in spite of every bound must not keep the process.
    private async Task EndAsync(Task work, string what)
    {
        await work.WaitAsync(EndPatience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!work.IsCompletedSuccessfully)
        {
            log.LogError(work.Exception, "{What} did not end in order; the host stops all the same", what);
        }
    }
}

/// <summary>The folders that an engine watches.</summary>
/// <param name="Workflows">The workflow files; null for none.</param>
/// <param name="Plugins">The plugins.</param>
internal sealed record WatchedFolders(WorkflowFolder? Workflows, PluginFolderWatcher Plugins) : IDisposable
{
    public void Dispose()
    {
        Workflows?.Dispose();
        Plugins.Dispose();
    }
}
