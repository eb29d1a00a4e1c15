using System.Collections.Immutable;
using System.Globalization;
using Sluice.Engine.Execution;
using Sluice.Engine.Execution.Walking;
using Sluice.Engine.Journal;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution.Walking;

/// <summary>A walker without a shell: events by hand, commands as lines of text, a journal in memory. A crash keeps the journal and nothing else.</summary>
internal sealed class WalkedPlan(ImmutableArray<PlanStep> plan) : IWalkCommands
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly List<StepCall> _calls = [];
    private readonly List<Signal> _signals = [];
    private Walker? _walker;

    /// <summary>What was appended.</summary>
    public List<JournalEntry> Journal { get; } = [];

    /// <summary>The commands since the last look, a line each.</summary>
    public List<string> Lines { get; } = [];

    /// <summary>The executions in flight.</summary>
    public IReadOnlyList<StepCall> Calls => _calls;

    public StepOutcome? Outcome => _walker?.Outcome;

    /// <summary>The clock, in seconds since the beginning.</summary>
    public int Seconds { get; set; }

    private DateTimeOffset Now => Start.AddSeconds(Seconds);

    /// <summary>Begins, or continues with what the journal holds after a crash.</summary>
    public void Begin()
    {
        _calls.Clear();
        _walker = new Walker(plan, RunHistory.Of(Journal, [.. _signals]), this);
        _walker.Handle(WalkEvent.Begun(Now));
    }

    public void Cancel() => _walker!.Handle(WalkEvent.Cancelled(Now));

    public void Stop() => _walker!.Handle(WalkEvent.Stopping(Now));

    public void Wake(string path) => _walker!.Handle(WalkEvent.Due(path, Now));

    /// <summary>A signal comes, and is stored.</summary>
    public void Signal(string name)
    {
        var signal = new Signal(name, default, Now);
        _signals.Add(signal);
        _walker?.Handle(WalkEvent.Signaled(signal, Now));
    }

    /// <summary>Ends an execution.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="how"><c>ok</c>, <c>ok PORT</c>, <c>fail REASON</c>, <c>stop well</c>, <c>stop badly</c>, <c>skip</c>, <c>suspend SECONDS</c>, <c>left</c> or <c>held REASON</c>.</param>
    public void End(string path, string how)
    {
        var call = _calls.Find(call => call.Path == path);
        Assert.True(call is not null, $"{path} is not in flight.");
        _calls.Remove(call);
        var (word, rest) = how.Split(' ', 2) is [var first, var second] ? (first, second) : (how, null);
        var status = word switch { "fail" => StepStatus.Failed, "skip" => StepStatus.Skipped, "suspend" => StepStatus.Suspended, _ => StepStatus.Succeeded };
        var record = new JournalEntry.Step(path, "node", status, call.Attempt, call.StartedAt, Now - call.StartedAt)
        {
            Port = word == "ok" ? rest : null,
            Error = word == "fail" ? new NodeFailure("refused", rest ?? "no") : null,
            End = word == "stop" ? new RunEnd(rest == "well", "enough") : null,
        };
        if (word == "suspend")
        {
            var (seconds, signal) = rest!.Split(' ') is [var time, var name] ? (time, name) : (rest, null);
            record = record with { Signal = signal, WakeAt = seconds == "-" ? null : Now.AddSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)) };
        }

        _walker!.Handle(WalkEvent.Ended(call, word switch
        {
            "left" => new StepEnd(StepOutcome.LeftOff(), null),
            "suspend" => new StepEnd(StepOutcome.Suspended(new Wait(path, call.Suspensions + 1) { DueAt = record.WakeAt, Signal = record.Signal }), record),
            "held" => new StepEnd(StepOutcome.Held(path, "Plugin", rest!), null),
            // A loop's own execution only evaluates its list, which the loop records.
            _ => new StepEnd(NodePlan.OutcomeOf(path, record), call.Plan is ForEachPrototype ? null : record),
        }, Now));
    }

    void IWalkCommands.Append(StepCall call, JournalEntry.Step record)
    {
        Journal.Add(record);
        Lines.Add($"append {record.Key} {record.Status.ToString().ToLowerInvariant()}");
    }

    void IWalkCommands.Append(JournalEntry record)
    {
        Journal.Add(record);
        if (record is JournalEntry.Woken woken)
        {
            _signals.RemoveAll(signal => signal.Name == woken.Signal);
            Lines.Add($"woken {woken.Path} {(woken.Signal is { } by ? $"by {by}" : $"at {(woken.At - Start).TotalSeconds}")}");
            return;
        }

        var decided = Assert.IsType<JournalEntry.Decided>(record);
        Lines.Add($"decide {decided.Path} {decided.Decision}");
    }

    void IWalkCommands.Restore(PlanStep step, string path, JournalEntry.Step record) => Lines.Add($"restore {path}");

    void IWalkCommands.Call(StepCall call)
    {
        _calls.Add(call);
        // As the shell does at the barrier.
        Journal.Add(new JournalEntry.StepStarted(call.Path, call.Attempt, call.StartedAt));
        var first = call.FirstStart == call.StartedAt ? "" : $", first at {(call.FirstStart - Start).TotalSeconds}";
        var woken = call.Wake is { } wake ? $", woken {(wake.Signal is { } signal ? $"by {signal} " : "")}at {(wake.At - Start).TotalSeconds}" : "";
        Lines.Add($"call {call.Path} #{call.Attempt}{first}{woken}");
    }

    void IWalkCommands.End(StepOutcome outcome) => Lines.Add(outcome switch
    {
        { Kind: OutcomeKind.Failed } => $"end failed at {outcome.FailedStep}: {outcome.Failure!.Message}",
        { Kind: OutcomeKind.Suspended } => $"end suspended until {string.Join(", ", outcome.Waits!.Select(Name))}",
        { Kind: OutcomeKind.Held } => $"end held: {outcome.Message}",
        _ => $"end {outcome.Kind.ToString().ToLowerInvariant()}",
    });

    private static string Name(Wait wait) =>
        string.Join(" or ", new[] { wait.DueAt is { } due ? $"{(due - Start).TotalSeconds}" : null, wait.Signal }.Where(cause => cause is not null));
}
