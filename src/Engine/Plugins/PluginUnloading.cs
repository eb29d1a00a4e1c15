using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Sluice.Engine.Plugins;

/// <summary>
/// Unloads a version that left the catalog: waits for the last call, disposes its nodes, and verifies that its memory is free.
/// </summary>
internal sealed class PluginUnloading(PluginRoster roster, TimeProvider time, ILogger logger, CancellationToken stopping)
{
    /// <summary>The times of the checks, counted from unloading. After the last one the version is reported as leaking.</summary>
    public static readonly ImmutableArray<TimeSpan> Looks = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60)];

    // Unloading takes several collections: one finds the context unreachable, its finalizer releases the loader's memory, and the next one
    // collects that.
    private const int CollectionRounds = 10;

    private long _unloaded;
    private long _leaking;

    /// <summary>How many versions have left memory.</summary>
    public long Unloaded => Interlocked.Read(ref _unloaded);

    /// <summary>How many were still in memory at the last check.</summary>
    public long Leaking => Interlocked.Read(ref _leaking);

    /// <summary>Starts unloading versions that the roster has retired; returns at once.</summary>
    public void Begin(IEnumerable<PluginEntry> retired)
    {
        foreach (var entry in retired)
        {
            var version = entry.Version!;
            version.Leases.Drain();
            entry.Unloading = Task.Run(() => UnloadSafelyAsync(entry, version), CancellationToken.None);
        }
    }

    /// <summary>
    /// Unloads a version that never was in the catalog. Not awaited, because an example that hangs never returns its lease.
    /// </summary>
    public void Discard(PluginVersion version) => _ = Task.Run(async () =>
    {
        try
        {
            await version.CloseAsync();
        }
        catch (Exception exception)
        {
            logger.LogError("Unloading the rejected plugin {Plugin} failed: {Details}", version.Identity.Label, PluginFault.Of(exception).Details);
        }
    });

    private async Task UnloadSafelyAsync(PluginEntry entry, PluginVersion version)
    {
        try
        {
            await UnloadAsync(entry, version);
        }
        catch (OperationCanceledException)
        {
            logger.LogDebug("The host stopped before the memory of the plugin {Plugin} was checked again", version.Identity.Label);
        }
        catch (Exception exception)
        {
            logger.LogError("Unloading the plugin {Plugin} failed: {Details}", version.Identity.Label, PluginFault.Of(exception).Details);
        }
    }

    private async Task UnloadAsync(PluginEntry entry, PluginVersion version)
    {
        logger.LogInformation("Plugin {Plugin} {Version} ({Hash}) is draining, {Calls} calls run", entry.Name, version.Identity.Version, Short(entry), version.Leases.Count);
        var trace = await version.CloseAsync();
        roster.Change(_ =>
        {
            entry.Version = null;
            entry.Trace = trace;
        });

        var state = await IsGoneAsync(trace) ? PluginState.Unloaded : PluginState.Leaking;
        Interlocked.Increment(ref state == PluginState.Unloaded ? ref _unloaded : ref _leaking);
        roster.Change(_ => entry.State = state);
        logger.Log(
            state == PluginState.Unloaded ? LogLevel.Information : LogLevel.Warning,
            "Plugin {Plugin} {Version} ({Hash}) is {State}", entry.Name, version.Identity.Version, Short(entry), state == PluginState.Unloaded ? "unloaded" : "leaking");
    }

    private async Task<bool> IsGoneAsync(WeakReference trace)
    {
        var before = TimeSpan.Zero;
        foreach (var look in Looks)
        {
            await Task.Delay(look - before, time, stopping);
            if (IsCollected(trace))
            {
                return true;
            }

            before = look;
        }

        return false;
    }

    private static bool IsCollected(WeakReference trace)
    {
        for (var round = 0; trace.IsAlive && round < CollectionRounds; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return !trace.IsAlive;
    }

    private static string Short(PluginEntry entry) => entry.Hash![..12];
}
