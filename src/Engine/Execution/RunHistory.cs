using Sluice.Engine.Journal;
using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>What the journal holds of a run: how its steps ended, which were in flight, what was decided, whether it has replied. Steps are known by their paths.</summary>
internal sealed class RunHistory
{
    /// <summary>The history of a run that has just begun.</summary>
    public static readonly RunHistory Empty = new();

    private readonly Dictionary<string, JournalEntry.Step> _finished = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JournalEntry.Step> _suspended = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _attempts = new(StringComparer.Ordinal);

    private readonly Dictionary<string, DateTimeOffset> _firstStarts = new(StringComparer.Ordinal);

    private readonly Dictionary<string, string> _decisions = new(StringComparer.Ordinal);

    private readonly Dictionary<string, int> _suspensions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JournalEntry.Woken> _woken = new(StringComparer.Ordinal);

    private bool _isUnplaced;
    private string? _failedAt;

    private RunHistory()
    {
    }

    public bool HasReplied { get; private set; }

    /// <summary>The signals that the run received and has not consumed.</summary>
    public IReadOnlyList<Signal> Signals { get; private init; } = [];

    /// <summary>Whether the reply is kept for those who ask later.</summary>
    public bool KeepsReply { get; private set; }

    /// <summary>How many hosts in a row have crashed since the run's last step that ended.</summary>
    public int Deaths { get; private set; }

    /// <summary>The last step that began and did not end; null if there is none, or its start was not recorded.</summary>
    public JournalEntry.StepStarted? InFlight { get; private set; }

    /// <summary>The fencing number of the last host that stopped and left the run off; 0 if none did.</summary>
    public long LeftOffBy { get; private set; }

    /// <summary>Why the run is quarantined; null if it is not.</summary>
    public JournalEntry.Quarantined? Quarantine { get; private set; }

    /// <summary>The entry that this version does not know, for which the run is held; null if it knows all.</summary>
    public JournalEntry.Unknown? Unknown { get; private set; }

    /// <summary>The step that replied; null if none did, or if an older version recorded it.</summary>
    public string? RepliedBy { get; private set; }

    /// <param name="entries">The entries of the run.</param>
    /// <param name="signals">The signals that it received and has not consumed.</param>
    public static RunHistory Of(IEnumerable<JournalEntry> entries, IReadOnlyList<Signal>? signals = null)
    {
        var history = new RunHistory { Signals = signals ?? [] };
        foreach (var entry in entries)
        {
            history.Take(entry);
        }

        return history;
    }

    /// <summary>What was decided at a path; null if nothing was.</summary>
    public string? Decision(string path) => _decisions.GetValueOrDefault(path);

    /// <summary>How a step ended that is not called again, failed ones included; null if it is called.</summary>
    public JournalEntry.Step? Finished(string key) => _finished.GetValueOrDefault(key);

    /// <summary>Whether a step whose path begins so is known to have started: an iteration of a loop that began continues to its end.</summary>
    public bool HasBegun(string prefix) => _firstStarts.Keys.Any(path => path.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>How many calls of a step are known to have begun.</summary>
    public int Attempts(string key) => _attempts.GetValueOrDefault(key);

    /// <summary>When the first attempt of a step started; null if none is known.</summary>
    public DateTimeOffset? FirstStart(string key) => _firstStarts.TryGetValue(key, out var at) ? at : null;

    /// <summary>What a step that suspended itself waits for; null if it did not suspend itself, or has ended well since.</summary>
    public Wait? WaitOf(string path) => _suspended.TryGetValue(path, out var step)
        ? new Wait(path, Suspensions(path)) { DueAt = step.WakeAt, Signal = step.Signal }
        : null;

    /// <summary>How often a step has suspended itself.</summary>
    public int Suspensions(string path) => _suspensions.GetValueOrDefault(path);

    /// <summary>What is recorded of the end of a step's last wait; null if nothing is.</summary>
    public JournalEntry.Woken? WokenBy(string path) => _woken.GetValueOrDefault(path);

    private void Take(JournalEntry entry)
    {
        switch (entry)
        {
            case JournalEntry.StepStarted started:
                _attempts[started.Key] = started.Attempt;
                _firstStarts.TryAdd(started.Key, started.At);
                InFlight = started;
                break;
            case JournalEntry.Step step:
                TakeEnd(step);
                break;
            case JournalEntry.Interrupted interrupted:
                Deaths++;
                _isUnplaced = interrupted.Key is null;
                break;
            case JournalEntry.LeftOff left:
                LeftOffBy = left.Fence;
                _isUnplaced = false;
                break;
            case JournalEntry.Quarantined quarantine:
                Quarantine = quarantine;
                break;
            case JournalEntry.Decided decided:
                _decisions.TryAdd(decided.Path, decided.Decision);
                break;
            case JournalEntry.Woken woken:
                _woken[woken.Path] = woken;
                break;
            case JournalEntry.Retried:
                DropFailure();
                (Deaths, _isUnplaced, InFlight, Quarantine) = (0, false, null, null);
                break;
            case JournalEntry.Unknown unknown:
                Unknown ??= unknown;
                break;
            case JournalEntry.ReplyKept:
                KeepsReply = true;
                break;
            case JournalEntry.Replied reply:
                HasReplied = true;
                RepliedBy = reply.By;
                break;
        }
    }

    private void TakeEnd(JournalEntry.Step step)
    {
        InFlight = null;
        _firstStarts.TryAdd(step.Key, step.StartedAt);
        if (!_finished.ContainsKey(step.Key))
        {
            // A masked step of an earlier build runs again in each life: that is no progress. A death at a step whose start was not recorded counts for the next death's step.
            Deaths = _isUnplaced ? 1 : 0;
        }

        switch (step.Status)
        {
            case StepStatus.Suspended:
                _suspended[step.Key] = step;
                _suspensions[step.Key] = Suspensions(step.Key) + 1;
                _woken.Remove(step.Key);
                _attempts[step.Key] = step.Attempt;
                (Deaths, _isUnplaced) = (0, false);
                break;
            default:
                _failedAt = step.Status == StepStatus.Failed ? step.Key : null;
                _finished[step.Key] = step;
                _attempts[step.Key] = step.Attempt;
                if (step.Status != StepStatus.Failed)
                {
                    _suspended.Remove(step.Key);
                    _woken.Remove(step.Key);
                }

                break;
        }
    }

    // The step that the run failed at is called again by a retry, with what woke it: a signal that it consumed can't come a second time.
    private void DropFailure()
    {
        if (_failedAt is { } path)
        {
            _finished.Remove(path);
            _failedAt = null;
        }
    }
}
