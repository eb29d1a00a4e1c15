using System.Collections.Concurrent;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Replies;

/// <summary>The open responders by run. Any step, on any thread, finds the waiting caller here.</summary>
internal sealed class ResponderRegistry
{
    private readonly ConcurrentDictionary<RunId, Responder> _open = new();

    public int Count => _open.Count;

    /// <summary>Opens a responder. Call it before the run starts, so that no reply can arrive too early.</summary>
    public Responder Open(RunId run)
    {
        var responder = new Responder(run);
        return _open.TryAdd(run, responder) ? responder : throw new InvalidOperationException($"Run {run} has an open responder already.");
    }

    /// <summary>Finds the responder of a run; null if nobody waits.</summary>
    public Responder? Find(RunId run) => _open.GetValueOrDefault(run);

    /// <summary>Closes a responder after its caller was answered.</summary>
    public void Close(Responder responder) => _open.TryRemove(responder.Run, out _);

    /// <summary>Ends all waits because the host is stopping.</summary>
    public void StopAll()
    {
        foreach (var responder in _open.Values)
        {
            responder.TryStop();
        }
    }
}
