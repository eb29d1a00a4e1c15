using System.Buffers;

namespace Sluice.Engine.Journal;

/// <summary>What a run wants written, in one piece.</summary>
internal sealed class PendingWrite
{
    private ArrayBufferWriter<byte>? _entries;
    private IDurabilityObserver? _observer;
    private List<IDurabilityObserver>? _moreObservers;
    private bool _isSettled;
    private Exception? _failure;

    /// <summary>Whether the journal has no row of this run yet.</summary>
    public required bool IsFirst { get; init; }

    public RunStatus Status { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    public DateTimeOffset? WakeAt { get; set; }

    /// <summary>Whether the status was set since the last write.</summary>
    public bool IsDirty { get; set; }

    /// <summary>JSON objects, one a line. Made when first asked for, and with room for a plain run: the last piece of most runs stays empty.</summary>
    public ArrayBufferWriter<byte> Entries => _entries ??= new ArrayBufferWriter<byte>(1536);

    /// <summary>The entries as bytes.</summary>
    public ReadOnlySpan<byte> EntryBytes => _entries is null ? default : _entries.WrittenSpan;

    public bool HasContent => IsDirty || IsFirst || _entries is { WrittenCount: > 0 };

    /// <summary>Adds an observer; false where the write is settled already, with what came of it.</summary>
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

    /// <summary>Settles the write; true where somebody is to be told, with <see cref="Tell"/>.</summary>
    public bool Settle(Exception? failure)
    {
        lock (this)
        {
            _isSettled = true;
            _failure = failure;
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
