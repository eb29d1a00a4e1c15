using System.Collections.Concurrent;
using System.Security;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Plugins.Verification;
using Sluice.Engine.Threading;

namespace Sluice.Engine.Plugins;

/// <summary>
/// Keeps the plugins of a host in sync with the folders of a directory, while folders are copied, renamed, changed and deleted.
/// </summary>
/// <remarks>
/// File system events only trigger a scan, and the scan decides by what is there, so a lost event causes only a delay.
/// A folder is complete when two consecutive scans find the same content, no event occurred in between, and every file is readable.
/// A folder renamed into place from a name with a leading dot is complete from the start, and is loaded in the first scan unless an event
/// followed. Incomplete folders are scanned again; complete ones with problems are rejected, and tried again when they change. A plugin
/// whose folder is missing keeps running for a grace period, so that a new folder in its place is a normal swap.
/// </remarks>
internal sealed class PluginFolderWatcher(string directory, PluginHost plugins, TimeProvider time, ILogger logger, TimeSpan? removalGrace = null) : IDisposable
{
    /// <summary>
    /// The default time that a plugin keeps running after its folder was removed: a deployment by deleting and copying leaves a gap.
    /// </summary>
    public static readonly TimeSpan DefaultRemovalGrace = TimeSpan.FromSeconds(2);

    /// <summary>How long a folder must be unchanged to count as complete.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// How many times <see cref="Settle"/> a folder must be unchanged if it changed right after it counted as complete: it is being copied
    /// slowly.
    /// </summary>
    public const int SlowSettles = 10;

    /// <summary>A change this soon after a folder counted as complete means that it is being copied slowly.</summary>
    public static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The delay between an event and the first scan: one rename causes several events, and each event after a scan costs another one.
    /// </summary>
    public static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(10);

    /// <summary>The time between scans without an event.</summary>
    public static readonly TimeSpan Rescan = TimeSpan.FromSeconds(10);

    private readonly TimeSpan _removalGrace = removalGrace ?? DefaultRemovalGrace;
    private readonly string _directory = Path.GetFullPath(directory);
    private readonly SemaphoreSlim _looking = new(1, 1);
    private bool _isSettled;
    private readonly WakeSignal _events = new();
    private readonly WakeSignal _arrivals = new();

    /// <summary>The folders with events since the last scan, and whether the last event was a rename into place.</summary>
    private readonly ConcurrentDictionary<string, bool> _touched = new(StringComparer.Ordinal);

    /// <summary>What each folder contained in the last scan. Accessed by one scan at a time.</summary>
    private readonly Dictionary<string, SeenFolder> _seen = new(StringComparer.Ordinal);

    /// <summary>Whether the last scan found nothing that must be scanned again soon.</summary>
    public bool IsSettled => Volatile.Read(ref _isSettled);

    /// <summary>Watches the directory until cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                watcher ??= StartWatcher();
                var isSettled = await LookSafelyAsync(cancellationToken);
                Volatile.Write(ref _isSettled, isSettled);
                await (isSettled ? HappensWithinAsync(_events, Rescan, cancellationToken) : HappensWithinAsync(_arrivals, Settle, cancellationToken));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host is stopping.
        }
        finally
        {
            watcher?.Dispose();
        }
    }

    /// <summary>Scans the directory once, and loads the folders that are complete.</summary>
    /// <returns>False if another scan is needed soon.</returns>
    public async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        using var watched = plugins.Watch("a scan of the plugins directory");
        try
        {
            if (!Directory.Exists(_directory))
            {
                logger.LogWarning("The plugins directory {Directory} does not exist; the plugins stay unchanged", _directory);
                return true;
            }

            return await LookOnceAsync(cancellationToken);
        }
        finally
        {
            _looking.Release();
        }
    }

    public void Dispose() => _looking.Dispose();

    private async Task<bool> LookSafelyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await LookAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The journal's disk may be full, or the directory unreadable for a while: the next scan tries again.
            logger.LogError(failure, "Could not synchronize the plugins with {Directory}; trying again", _directory);
            return true;
        }
    }

    private async Task<bool> LookOnceAsync(CancellationToken cancellationToken)
    {
        foreach (var folder in plugins.Folders)
        {
            // Known from the start: already loaded, or to be unloaded if it was deleted since.
            _seen.TryAdd(folder, SeenFolder.Unknown);
        }

        var there = Directory.EnumerateDirectories(_directory).Select(path => Path.GetFileName(path)).Where(IsPlugin).ToHashSet(StringComparer.Ordinal);
        var touched = TakeTouched();
        var whole = new List<string>();
        var gone = new List<string>();
        foreach (var folder in there.Union(_seen.Keys).ToList())
        {
            var isTouched = touched.TryGetValue(folder, out var hasArrived);
            var before = _seen.GetValueOrDefault(folder, SeenFolder.Unknown);
            var stamp = there.Contains(folder) ? FolderStamp.Of(Path.Combine(_directory, folder)) : FolderStamp.Missing;
            if (isTouched || before.Stamp != stamp)
            {
                _seen[folder] = before.Changed(stamp, time);
                if (hasArrived && stamp.IsThere && IsReadable(folder))
                {
                    whole.Add(folder);
                }
            }
            else if (before.IsDue && !stamp.IsThere)
            {
                if (!plugins.IsServing(folder) || time.GetElapsedTime(before.MissingSince ?? 0) >= _removalGrace)
                {
                    gone.Add(folder);
                }
            }
            else if (before.IsDue)
            {
                _seen[folder] = before = before with { Looks = before.Looks + 1 };
                if (!before.IsDueSoon || (before.Looks >= before.Settles && IsReadable(folder)))
                {
                    whole.Add(folder);
                }
            }
        }

        plugins.NoteMissing(_seen.Where(seen => seen.Value.MissingSince is not null).Select(seen => seen.Key).ToHashSet(StringComparer.Ordinal), _removalGrace);
        if (whole.Count > 0 || gone.Count > 0)
        {
            await plugins.ApplyAsync([.. whole.Select(folder => Path.Combine(_directory, folder))], gone, cancellationToken);
            Settled(whole, gone);
        }
        else
        {
            await plugins.ReleaseAsync(cancellationToken);
        }

        return !_seen.Values.Any(seen => seen.IsDueSoon) && _touched.IsEmpty;
    }

    // Includes entries that are not folders: they need no wait.
    private Dictionary<string, bool> TakeTouched()
    {
        var taken = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var name in _touched.Keys)
        {
            if (_touched.TryRemove(name, out var hasArrived))
            {
                taken[name] = hasArrived;
            }
        }

        return taken;
    }

    private void Settled(List<string> whole, List<string> gone)
    {
        foreach (var folder in whole)
        {
            _seen[folder] = _seen[folder] with { IsDue = plugins.IsToBeTriedAgain(folder), TakenAt = time.GetTimestamp() };
        }

        foreach (var folder in gone)
        {
            _seen.Remove(folder);
        }
    }

    // A name with a leading dot is a folder in preparation, which is renamed when it is complete.
    private static bool IsPlugin(string name) => !name.StartsWith('.');

    private bool IsReadable(string folder)
    {
        var path = Path.Combine(_directory, folder);
        try
        {
            var files = FolderContent.List(path);
            if (FolderContent.FirstIrregular(path, files) is not null)
            {
                // Waiting will not make it readable: it is loaded now, and rejected by name.
                return true;
            }

            foreach (var file in files)
            {
                using var _ = new FileStream(Path.Combine(path, file), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            }

            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or SecurityException)
        {
            logger.LogDebug("The plugin folder {Folder} is not complete yet: {Reason}", folder, failure.Message);
            return false;
        }
    }

    private FileSystemWatcher? StartWatcher()
    {
        try
        {
            var watcher = new FileSystemWatcher(_directory) { IncludeSubdirectories = true, InternalBufferSize = 64 * 1024 };
            watcher.Changed += (_, happened) => Touch(happened.Name);
            watcher.Created += (_, happened) => Touch(happened.Name);
            watcher.Deleted += (_, happened) => Touch(happened.Name);
            watcher.Renamed += (_, happened) => Rename(happened.OldName, happened.Name);
            watcher.Error += (_, _) => _events.Set();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception failure) when (failure is IOException or ArgumentException)
        {
            // The system's limit of watches may be reached, or the directory may not exist yet.
            logger.LogWarning("No events from {Directory} ({Reason}); it is scanned every {Seconds} s", _directory, failure.Message, Rescan.TotalSeconds);
            return null;
        }
    }

    /// <summary>Handles the rename of a path below the directory.</summary>
    internal void Rename(string? from, string? to)
    {
        Touch(from);
        if (from is ['.', ..] && !HasParent(from) && to is not null && !HasParent(to) && IsPlugin(to))
        {
            _touched[to] = true;
            _events.Set();
            _arrivals.Set();
        }
        else
        {
            Touch(to);
        }
    }

    /// <summary>Handles an event for a path below the directory.</summary>
    internal void Touch(string? path)
    {
        if (path is { Length: > 0 } && path.Split('/', '\\')[0] is var folder && IsPlugin(folder))
        {
            _touched[folder] = false;
            _events.Set();
        }
    }

    private static bool HasParent(string path) => path.AsSpan().ContainsAny('/', '\\');

    // Between two scans of an incomplete folder the full time is waited: an event in between only means that a third scan will follow,
    // unless it brings a complete folder.
    private async Task HappensWithinAsync(WakeSignal awaited, TimeSpan span, CancellationToken cancellationToken)
    {
        if (await awaited.IsSetWithinAsync(span, time, cancellationToken))
        {
            await Task.Delay(Burst, time, cancellationToken);
        }

        _events.Reset();
        _arrivals.Reset();
    }

    /// <summary>The result of the last scan.</summary>
    /// <param name="Stamp">The state of the folder.</param>
    /// <param name="IsDue">Whether that state must still be loaded.</param>
    /// <param name="Looks">How many scans have found it unchanged and still due.</param>
    /// <param name="Settles">How many such scans it takes to count as complete.</param>
    /// <param name="TakenAt">When it last counted as complete; null if never, or long ago.</param>
    /// <param name="MissingSince">When it was first found missing; null while it exists.</param>
    private sealed record SeenFolder(FolderStamp Stamp, bool IsDue, int Looks = 0, int Settles = 1, long? TakenAt = null, long? MissingSince = null)
    {
        // A file that was unreadable for a second is unlikely to become readable in the next 50 ms.
        private const int MostLooks = 20;

        public static readonly SeenFolder Unknown = new(FolderStamp.Never, IsDue: true);

        /// <summary>Returns the state after a scan has found a change.</summary>
        public SeenFolder Changed(FolderStamp stamp, TimeProvider time)
        {
            var isSlow = TakenAt is { } taken ? time.GetElapsedTime(taken) < Slow : IsDue && Settles > 1;
            return new SeenFolder(stamp, IsDue: true, Settles: isSlow ? SlowSettles : 1, MissingSince: stamp.IsThere ? null : MissingSince ?? time.GetTimestamp());
        }

        /// <summary>Whether another scan is needed soon; otherwise the next event or rescan is enough.</summary>
        public bool IsDueSoon => IsDue && Looks < MostLooks;
    }
}
