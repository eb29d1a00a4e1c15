using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Sluice.Engine.Plugins;

/// <summary>Takes a version that left the catalogue to its end: lets the last call leave, disposes its nodes, and looks whether its memory is really free.</summary>
internal sealed class PluginUnloading(PluginRoster roster, TimeProvider time, ILogger logger, CancellationToken stopping)
{
    /// <summary>When it is looked, counted from the unloading. After the last look the version is said to leak.</summary>
    public static readonly ImmutableArray<TimeSpan> Looks = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60)];

    // Unloading takes a few collections: one finds the context dead, its finalizer lets the loader's memory go, the next one takes that.
    private const int CollectionRounds = 10;

    private long _unloaded;
    private long _leaking;

    /// <summary>How many versions were seen gone from memory.</summary>
    public long Unloaded => Interlocked.Read(ref _unloaded);

    /// <summary>How many were still there at the last look.</summary>
    public long Leaking => Interlocked.Read(ref _leaking);

    /// <summary>Begins with versions that the roster has retired; returns at once.</summary>
    public void Begin(IEnumerable<PluginEntry> retired)
    {
        foreach (var entry in retired)
        {
            var version = entry.Version!;
            version.Leases.Drain();
            entry.Unloading = Task.Run(() => UnloadSafelyAsync(entry, version), CancellationToken.None);
        }
    }

    /// <summary>Unloads a version that nobody was let near. Not waited for: an example that hangs never gives its lease back.</summary>
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
            logger.LogDebug("The host stops before the memory of the plugin {Plugin} was looked at again", version.Identity.Label);
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
