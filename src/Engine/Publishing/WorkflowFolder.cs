using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Threading;

namespace Sluice.Engine.Publishing;

/// <summary>Keeps the workflows of a folder in sync with its files (<see cref="WorkflowFile"/>).</summary>
/// <remarks>
/// A changed file publishes a new version, an invalid one leaves the last good version live, and a deleted one removes its workflow. File
/// system events only trigger a scan, and the scan decides by what is there, so a lost event causes only a delay.
/// </remarks>
internal sealed class WorkflowFolder(string path, WorkflowRegistry registry, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>The quiet time before a scan, because editors and copies write in several steps.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(200);

    /// <summary>The time between scans without an event.</summary>
    public static readonly TimeSpan Rescan = TimeSpan.FromSeconds(10);

    private readonly string _path = Path.GetFullPath(path);
    private readonly Dictionary<string, SeenFile> _seen = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _looking = new(1, 1);
    private readonly WakeSignal _events = new();

    /// <summary>Publishes the current files, and removes workflows whose files were deleted while the host was down.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        foreach (var state in registry.All().Where(state => Path.GetDirectoryName(state.Stored.Source) == _path))
        {
            _seen.TryAdd(state.Stored.Source, new SeenFile(default, IsRejected: false, IsMissing: true));
        }

        await LookAsync(patient: false, cancellationToken);
    }

    /// <summary>Watches the folder until cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var following = FollowChecksAsync(ended.Token);
        try
        {
            await WatchFilesAsync(cancellationToken);
        }
        finally
        {
            await ended.CancelAsync();
            await following;
        }
    }

    /// <summary>Scans the folder once and publishes what has changed.</summary>
    /// <param name="patient">
    /// Whether a file must be missing in two consecutive scans before its workflow is removed: some editors delete a file and write it
    /// again.
    /// </param>
    /// <param name="cancellationToken">Cancels the scan.</param>
    /// <returns>False if another scan is needed soon.</returns>
    public async Task<bool> LookAsync(bool patient, CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            if (Directory.Exists(_path))
            {
                return await LookOnceAsync(patient, cancellationToken);
            }

            logger.LogWarning("The folder {Folder} does not exist; its workflows stay unchanged.", _path);
            return true;
        }
        finally
        {
            _looking.Release();
        }
    }

    public void Dispose() => _looking.Dispose();

    private void LookSoon() => _events.Set();

    // A file that was rejected because it waits for a plugin is checked again when plugins change.
    private async Task FollowChecksAsync(CancellationToken cancellationToken)
    {
        for (var rechecked = registry.Rechecked; !cancellationToken.IsCancellationRequested;)
        {
            await rechecked.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            rechecked = registry.Rechecked;
            LookSoon();
        }
    }

    private async Task WatchFilesAsync(CancellationToken cancellationToken)
    {
        using var watcher = StartWatcher();
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var isSettled = await LookAsync(patient: true, cancellationToken);
                await NextLookAsync(isSettled ? Rescan : Settle, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // The store may be full, or the folder unreadable for a while: the next scan tries again.
                logger.LogError(failure, "Could not synchronize the workflows with {Folder}; trying again.", _path);
                await Task.Delay(Rescan, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<bool> LookOnceAsync(bool patient, CancellationToken cancellationToken)
    {
        var there = WorkflowFile.In(_path).ToDictionary(file => file.FullName, StringComparer.Ordinal);
        var missing = _seen.Where(seen => !there.ContainsKey(seen.Key)).ToList();
        var gone = missing.Where(seen => !patient || seen.Value.IsMissing).Select(seen => seen.Key).ToImmutableHashSet(StringComparer.Ordinal);
        var changed = there.Values
            .Select(file => (File: file, Stamp: FileStamp.Of(file)))
            .Where(item => _seen.GetValueOrDefault(item.File.FullName) is not { IsRejected: false } seen || seen.Stamp != item.Stamp || item.Stamp.IsLink)
            .OrderBy(item => item.File.FullName, StringComparer.Ordinal)
            .ToList();

        if (changed.Count > 0 || gone.Count > 0)
        {
            var read = await Batch.SelectAsync(changed, item => WorkflowFile.Read(item.File, item.File.FullName) with { IsWatched = true }, cancellationToken);
            var others = Others(read);
            Submission[] submissions = [.. read.Where(file => !others.Contains(file.Source))];
            // A rejected workflow may have been replaced by a file that is no workflow; then its rejection is cleared.
            var outcomes = await registry.PublishAsync(submissions, gone.Union(others), cancellationToken);
            var refused = submissions.Zip(outcomes).Where(file => file.Second.Stored is null).Select(file => file.First.Source).ToHashSet(StringComparer.Ordinal);
            foreach (var (file, stamp) in changed)
            {
                _seen[file.FullName] = new SeenFile(stamp, refused.Contains(file.FullName), IsMissing: false);
            }
        }

        foreach (var name in gone)
        {
            _seen.Remove(name);
        }

        foreach (var (name, seen) in _seen.ToList())
        {
            _seen[name] = seen with { IsMissing = !there.ContainsKey(name) };
        }

        return missing.Count == gone.Count;
    }

    // A file of a live workflow is meant to be that workflow, whatever it contains now.
    private HashSet<string> Others(IReadOnlyList<Submission> files)
    {
        var others = files.Where(file => !WorkflowFile.IsMeant(file)).Select(file => file.Source).ToHashSet(StringComparer.Ordinal);
        if (others.Count > 0)
        {
            others.ExceptWith(registry.All().Select(state => state.Stored.Source));
        }

        return others;
    }

    private FileSystemWatcher? StartWatcher()
    {
        try
        {
            var watcher = new FileSystemWatcher(_path);
            watcher.Changed += (_, _) => LookSoon();
            watcher.Created += (_, _) => LookSoon();
            watcher.Deleted += (_, _) => LookSoon();
            watcher.Renamed += (_, _) => LookSoon();
            watcher.Error += (_, _) => LookSoon();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception failure) when (failure is IOException or ArgumentException)
        {
            // The system's limit of watches may be reached, or the folder may not exist yet.
            logger.LogWarning(
                "No events from {Folder} ({Reason}); it is scanned every {Seconds} s.", _path, failure.Message, Rescan.TotalSeconds);
            return null;
        }
    }

    private async Task NextLookAsync(TimeSpan most, CancellationToken cancellationToken)
    {
        if (!await _events.IsSetWithinAsync(most, time, cancellationToken))
        {
            return;
        }

        while (await _events.IsSetWithinAsync(Settle, time, cancellationToken))
        {
            // Still busy.
        }
    }

    /// <summary>Returns whether an event occurs within a time; each event counts once.</summary>
    /// <summary>The state of a file that reveals changes without reading it. The target of a link can change without a trace.</summary>
    private readonly record struct FileStamp(DateTime WrittenAt, long Length, bool IsLink)
    {
        public static FileStamp Of(FileInfo file) => new(file.LastWriteTimeUtc, file.Exists ? file.Length : 0, file.Attributes.HasFlag(FileAttributes.ReparsePoint));
    }

    /// <summary>
    /// The result of the last scan. A rejected file is tried again in every scan, because what it conflicted with may be gone.
    /// </summary>
    private sealed record SeenFile(FileStamp Stamp, bool IsRejected, bool IsMissing);
}
