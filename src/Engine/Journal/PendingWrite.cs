using Microsoft.Extensions.ObjectPool;

namespace Sluice.Engine.Journal;

/// <summary>What a run wants written, in one piece.</summary>
/// <param name="buffers">Where the room for entries is lent from.</param>
internal sealed class PendingWrite(ObjectPool<EntryBuffer> buffers)
{
    private EntryBuffer? _entries;
    private IDurabilityObserver? _observer;
    private List<IDurabilityObserver>? _moreObservers;
    private bool _isSettled;
    private Exception? _failure;

    /// <summary>Whether the journal has no row of this run yet.</summary>
    public required bool IsFirst { get; init; }

    public RunStatus Status { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    public DateTimeOffset? WakeAt { get; set; }

    /// <summary>What goes into rows of its own; null for most writes.</summary>
    public PendingRows? Rows { get; private set; }

    /// <summary>Whether the status was set since the last write.</summary>
    public bool IsDirty { get; set; }

    /// <summary>The entries to write. Rented at first use, because the last write of most runs has none.</summary>
    public EntryBuffer Entries => _entries ??= buffers.Get();

    /// <summary>The entries as bytes.</summary>
    public ReadOnlySpan<byte> EntryBytes => _entries is null ? default : _entries.Bytes;

    public bool HasContent => IsDirty || IsFirst || _entries is { Bytes.IsEmpty: false } || Rows is not null;

    /// <summary>The rows to add to; made when they are first asked for.</summary>
    public PendingRows AddRows() => Rows ??= new PendingRows();

    /// <summary>For the writer, once the database has the entries: gives their room back.</summary>
    public void ReturnBuffer()
    {
        if (_entries is { } written)
        {
            _entries = null;
            buffers.Return(written);
        }
    }

    /// <summary>Adds an observer. False if the write is settled already, with the result.</summary>
    public bool TryObserve(IDurabilityObserver observer, out Exception? failure)
    {
        lock (this)
        {
            failure = _failure;
            if (_isSettled)
            {
                return false;
            }

            if (_observer is null)
            {
                _observer = observer;
            }
            else
            {
                (_moreObservers ??= []).Add(observer);
            }

            return true;
        }
    }

    /// <summary>Settles the write. True if there are observers to notify with <see cref="Tell"/>.</summary>
    public bool Settle(Exception? failure)
    {
        lock (this)
        {
            _isSettled = true;
            _failure = failure;
            // A log keeps its last write; the outputs in it may be large.
            Rows = null;
            return _observer is not null;
        }
    }

    /// <summary>Tells the observers of a settled write, in the order they came.</summary>
    public void Tell()
    {
        _observer?.OnSettled(_failure);
        _moreObservers?.ForEach(observer => observer.OnSettled(_failure));
    }
}

/// <summary>The parts of a write that have rows of their own.</summary>
internal sealed class PendingRows
{
    /// <summary>What the run waits for from now on; null if it does not suspend.</summary>
    public IReadOnlyList<Wait>? Waits { get; set; }

    /// <summary>The names of the signals that the run consumes.</summary>
    public List<string> Consumed { get; } = [];

    public List<StoredOutput> Outputs { get; } = [];
}
