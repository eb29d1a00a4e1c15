using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>The runs that may have crashed their host. They continue one at a time, so that the next crash identifies the culprit.</summary>
/// <param name="resume">Continues one; null if it can't continue.</param>
/// <param name="log">Receives the failures.</param>
/// <param name="stopping">Cancelled when the host stops.</param>
internal sealed class SuspectLine(Func<RunId, CancellationToken, Task<Probation?>> resume, ILogger log, CancellationToken stopping)
{
    private readonly ConcurrentQueue<RunId> _line = new();
    private readonly ConcurrentDictionary<RunId, Probation> _others = new();
    private bool _isWalking;

    /// <summary>Notes an interrupted run that continues beside others; suspects wait until it is past that step.</summary>
    public void Note(RunId id, Probation probation)
    {
        _others[id] = probation;
        _ = probation.Over.ContinueWith(
            _ => _others.TryRemove(new KeyValuePair<RunId, Probation>(id, probation)), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Puts a run into the line.</summary>
    public void Add(RunId id) => _line.Enqueue(id);

    /// <summary>Walks the line to its end; returns at once.</summary>
    public void Go()
    {
        if (!_line.IsEmpty)
        {
            _ = GoAsync();
        }
    }

    private async Task GoAsync()
    {
        await Task.Yield();
        try
        {
            while (!_line.IsEmpty && Interlocked.Exchange(ref _isWalking, true) == false)
            {
                while (await OthersAreOverAsync() && _line.TryDequeue(out var id))
                {
                    await WalkAsync(id);
                }

                Volatile.Write(ref _isWalking, false);
            }
        }
        catch (OperationCanceledException)
        {
            log.LogInformation("The host stops before all interrupted runs continued; {Count} wait for the next start", _line.Count);
        }
    }

    private async Task<bool> OthersAreOverAsync()
    {
        foreach (var (_, probation) in _others)
        {
            await probation.Over.WaitAsync(stopping);
        }

        return true;
    }

    private async Task WalkAsync(RunId id)
    {
        try
        {
            if (await resume(id, stopping) is { } probation)
            {
                await probation.Over.WaitAsync(stopping);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            log.LogError(exception, "Run {RunId} can't continue; the next sweep for unfinished runs tries again", id);
        }
    }
}
