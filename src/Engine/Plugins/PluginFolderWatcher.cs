using System.Collections.Concurrent;
using System.Security;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Plugins.Verification;

namespace Sluice.Engine.Plugins;

/// <summary>Keeps the plugins of a host in step with the folders of a directory, while folders are copied, renamed, changed and deleted.</summary>
/// <remarks>
/// The file system's events only say when to look; what is done depends on what is there, so a lost event costs a delay and nothing else.
/// A folder counts as whole when two looks in a row saw the same in it, nothing happened to it in between, and each file can be read. One that was
/// renamed into its place from a name with a dot was whole before it came, and is taken on at the first look, if nothing has happened to it since.
/// What is not whole yet is looked at again; what is whole and bad is rejected, and tried again when it changes. A plugin whose folder is missing
/// serves on for a moment: the folder that comes in its place is then a swap like any other.
/// </remarks>
internal sealed class PluginFolderWatcher(string directory, PluginHost plugins, TimeProvider time, ILogger logger, TimeSpan? removalGrace = null) : IDisposable
{
    /// <summary>How long a plugin goes on after its folder was removed, if nothing else is configured: a deployment by deleting and copying leaves a gap.</summary>
    public static readonly TimeSpan DefaultRemovalGrace = TimeSpan.FromSeconds(2);

    /// <summary>How long a folder must lie still before it counts as whole.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(50);

    /// <summary>How often <see cref="Settle"/> a folder must lie still that changed again right after it had been taken for whole: it is being copied slowly.</summary>
    public const int SlowSettles = 10;

    /// <summary>How long after it was taken for whole a folder's next change says so.</summary>
    public static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);

    /// <summary>How long after an event the first look comes: one rename makes several events, and each that comes after a look costs a further one.</summary>
    public static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(10);

    /// <summary>How often the directory is looked at without an event.</summary>
    public static readonly TimeSpan Rescan = TimeSpan.FromSeconds(10);

    private readonly TimeSpan _removalGrace = removalGrace ?? DefaultRemovalGrace;
    private readonly string _directory = Path.GetFullPath(directory);
    private readonly SemaphoreSlim _looking = new(1, 1);
    private bool _isSettled;
    private readonly WakeSignal _events = new();
    private readonly WakeSignal _arrivals = new();

    /// <summary>The folders that something happened to since they were last looked at, and whether the last of it was that they came by a rename.</summary>
    private readonly ConcurrentDictionary<string, bool> _touched = new(StringComparer.Ordinal);

    /// <summary>What each folder held at the last look; touched by one look at a time.</summary>
    private readonly Dictionary<string, SeenFolder> _seen = new(StringComparer.Ordinal);

    /// <summary>Whether the last look found nothing that is to be looked at again soon.</summary>
    public bool IsSettled => Volatile.Read(ref _isSettled);

    /// <summary>Watches until it is cancelled.</summary>
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
            // The host stops.
        }
        finally
        {
            watcher?.Dispose();
        }
    }

    /// <summary>Looks at the directory once, and takes on what two looks found the same.</summary>
    /// <returns>False where something is to be looked at again soon.</returns>
    public async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        using var watched = plugins.Watch("a look at the plugins directory");
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
            // The journal's disk may be full, or the directory not readable for a while: the next look tries again.
            logger.LogError(failure, "Could not bring the plugins in step with {Directory}; trying again", _directory);
            return true;
        }
    }

    private async Task<bool> LookOnceAsync(CancellationToken cancellationToken)
    {
        foreach (var folder in plugins.Folders)
        {
            // Known from the start: taken on already, or to be let go of if it went since.
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

    // All of it, whatever it is: a file beside the folders is nothing to wait for.
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

    // What starts with a dot is being prepared: copy there, then rename.
    private static bool IsPlugin(string name) => !name.StartsWith('.');

    private bool IsReadable(string folder)
    {
        var path = Path.Combine(_directory, folder);
        try
        {
            var files = FolderContent.List(path);
            if (FolderContent.FirstIrregular(path, files) is not null)
            {
                // It will not become readable by waiting: it is taken on, and rejected by name.
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
            logger.LogDebug("The plugin folder {Folder} is not whole yet: {Reason}", folder, failure.Message);
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
            // The system's watches may be used up, or the directory may not be there yet.
            logger.LogWarning("No events from {Directory} ({Reason}); it is looked at every {Seconds} s", _directory, failure.Message, Rescan.TotalSeconds);
            return null;
        }
    }

    /// <summary>Hears that a path below the directory was renamed to another.</summary>
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

    /// <summary>Hears that something happened to a path below the directory.</summary>
    internal void Touch(string? path)
    {
        if (path is { Length: > 0 } && path.Split('/', '\\')[0] is var folder && IsPlugin(folder))
        {
            _touched[folder] = false;
            _events.Set();
        }
    }

    private static bool HasParent(string path) => path.AsSpan().ContainsAny('/', '\\');

    // Between two looks at what is not settled the whole time is waited: an event on the way only says that there will be a third, except one that
    // brings a whole folder.
    private async Task HappensWithinAsync(WakeSignal awaited, TimeSpan span, CancellationToken cancellationToken)
    {
        if (await awaited.IsSetWithinAsync(span, time, cancellationToken))
        {
            await Task.Delay(Burst, time, cancellationToken);
        }

        _events.Reset();
        _arrivals.Reset();
    }

    /// <summary>That something happened, once or more often, since it was last asked.</summary>
    private sealed class WakeSignal
    {
        private readonly Channel<bool> _set = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

        public void Set() => _set.Writer.TryWrite(true);

        public void Reset() => _set.Reader.TryRead(out _);

        public async Task<bool> IsSetWithinAsync(TimeSpan span, TimeProvider time, CancellationToken cancellationToken)
        {
            using var timeout = new CancellationTokenSource(span, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                return await _set.Reader.ReadAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    /// <summary>What the last look came to.</summary>
    /// <param name="Stamp">What it saw.</param>
    /// <param name="IsDue">Whether that is still to be taken on.</param>
    /// <param name="Looks">How many looks have found it unchanged and still due.</param>
    /// <param name="Settles">How many such looks it takes until it counts as whole.</param>
    /// <param name="TakenAt">When it was last taken for whole; null where it was not, or that is long past.</param>
    /// <param name="MissingSince">When it was first seen missing; null while it is there.</param>
    private sealed record SeenFolder(FolderStamp Stamp, bool IsDue, int Looks = 0, int Settles = 1, long? TakenAt = null, long? MissingSince = null)
    {
        // A file that can't be read for a second will not be readable in the next 50 ms either.
        private const int MostLooks = 20;

        public static readonly SeenFolder Unknown = new(FolderStamp.Never, IsDue: true);

        /// <summary>What it is once a look has found it changed.</summary>
        public SeenFolder Changed(FolderStamp stamp, TimeProvider time)
        {
            var isSlow = TakenAt is { } taken ? time.GetElapsedTime(taken) < Slow : IsDue && Settles > 1;
            return new SeenFolder(stamp, IsDue: true, Settles: isSlow ? SlowSettles : 1, MissingSince: stamp.IsThere ? null : MissingSince ?? time.GetTimestamp());
        }

        /// <summary>Whether the next look is to come soon; else it comes with the next event or re-scan.</summary>
        public bool IsDueSoon => IsDue && Looks < MostLooks;
    }
}
