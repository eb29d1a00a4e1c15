using System.Collections.Concurrent;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Replies;

/// <summary>The open responders, by run: whoever answers finds the caller here, whichever thread or step it is.</summary>
internal sealed class ResponderRegistry
{
    private readonly ConcurrentDictionary<RunId, Responder> _open = new();

    public int Count => _open.Count;

    /// <summary>Opens a responder. Done before the run starts, so that no reply can come too early.</summary>
    public Responder Open(RunId run)
    {
        var responder = new Responder(run);
        return _open.TryAdd(run, responder) ? responder : throw new InvalidOperationException($"Run {run} has an open responder already.");
    }

    /// <summary>The responder of a run; null where nobody waits.</summary>
    public Responder? Find(RunId run) => _open.GetValueOrDefault(run);

    /// <summary>Closes a responder once its caller has been answered.</summary>
    public void Close(Responder responder) => _open.TryRemove(responder.Run, out _);

    /// <summary>Tells every caller who still waits that the host stops.</summary>
    public void StopAll()
    {
        foreach (var responder in _open.Values)
        {
            responder.TryStop();
        }
    }
}
