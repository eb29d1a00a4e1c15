using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Sdk;
using Sluice.Simulation.Worlds;

namespace Sluice.Simulation.Laws;

/// <summary>Sees what the outside sees of one world, the calls of nodes and the answers to callers, and holds each to the laws as it comes.</summary>
internal sealed class Witness(World world)
{
    // The most hosts that one run may kill at a step whose start is recorded: then it is quarantined.
    private const int MostDeaths = 3;

    private readonly List<SeenCall> _calls = [];
    private readonly Dictionary<RunId, int> _deaths = [];

    /// <summary>The answers that callers heard, in order.</summary>
    public List<(Delivery Delivery, Answer Answer, bool IsRepeat)> Answers { get; } = [];

    /// <summary>The calls of a run, in order.</summary>
    public IReadOnlyList<SeenCall> CallsOf(RunId run) => [.. _calls.Where(call => call.Run == run)];

    /// <summary>Whether a run killed a host.</summary>
    public bool IsPoisoned(RunId run) => _deaths.ContainsKey(run);

    /// <summary>A node is called.</summary>
    public void See(SeenCall call, Wake? wake)
    {
        var row = world.Disk.Find(call.Run);
        var entries = row?.Entries ?? [];
        var name = $"{world.NameOf(call.Run)}/{call.Path}";
        if (HasEnded(entries, call.Path))
        {
            world.Break(3, $"{name} is called again, although its end is durable.");
        }

        if (call.Node.Descriptor.Effect == Effect.External)
        {
            SeeExternal(call, row, entries, name);
        }

        if (wake is not null && (world.Now < wake.At || (WakeOf(entries, call.Path) is { } recorded && recorded != wake.At)))
        {
            world.Break(5, $"{name} waits until {WakeOf(entries, call.Path):O}, and is woken at {world.Now:O}, as if it had waited until {wake.At:O}.");
        }

        _calls.Add(call);
    }

    /// <summary>A call killed its host.</summary>
    public void SeeDeath(SeenCall call)
    {
        var deaths = _deaths[call.Run] = _deaths.GetValueOrDefault(call.Run) + 1;
        // That a pure step began is recorded only of a run whose host has died: its first death counts for the step before.
        if (deaths > MostDeaths + (call.Node.Descriptor.Effect == Effect.None ? 1 : 0))
        {
            world.Break(1, $"{world.NameOf(call.Run)} killed {deaths} hosts at {call.Path}: no start survives it, so no run goes on.");
        }
    }

    /// <summary>A caller hears an answer.</summary>
    public void SeeAnswer(Delivery delivery, Answer answer, bool isRepeat)
    {
        var entries = world.Disk.Find(delivery.Run)?.Entries;
        switch (answer)
        {
            case Answer.Replied replied when entries?.OfType<JournalEntry.Replied>().Any(entry => entry.Body.Span.SequenceEqual(replied.Reply.Body.Span)) != true:
                world.Break(2, $"{delivery.Name} hears a reply that is not durable.");
                break;
            case Answer.Acknowledged when entries is null:
                world.Break(1, $"{delivery.Name} hears that its run is accepted, and the run is not durable.");
                break;
            case Answer.Failed when entries?.Any(entry => entry is JournalEntry.Quarantined or JournalEntry.Ended { Status: RunStatus.Failed }) != true:
                world.Break(1, $"{delivery.Name} hears that its run failed, and that is not durable.");
                break;
            case Answer.Stopping or Answer.NotKept or Answer.Held or Answer.DeadlinePassed or Answer.CallerGone or Answer.Deferred:
                world.Break(2, $"{delivery.Name} hears {answer.GetType().Name}, which nothing in this world calls for.");
                break;
        }

        Answers.Add((delivery, answer, isRepeat));
    }

    private static bool HasEnded(IReadOnlyList<JournalEntry> entries, string path)
    {
        StepStatus? status = null;
        foreach (var entry in entries)
        {
            status = entry switch
            {
                JournalEntry.Step { Status: not StepStatus.Suspended } step when step.Key == path => step.Status,
                JournalEntry.Retried when status == StepStatus.Failed => null,
                _ => status,
            };
        }

        return status is not null;
    }

    private static DateTimeOffset? WakeOf(IReadOnlyList<JournalEntry> entries, string path) =>
        entries.OfType<JournalEntry.Step>().LastOrDefault(step => step.Key == path && step.Status == StepStatus.Suspended)?.WakeAt;

    private void SeeExternal(SeenCall call, RunRow? row, IReadOnlyList<JournalEntry> entries, string name)
    {
        if (!entries.OfType<JournalEntry.StepStarted>().Any(started => started.Key == call.Path && started.Attempt == call.Attempt))
        {
            world.Break(3, $"{name} is called, and that its attempt {call.Attempt} started is not durable.");
        }

        if (row is not null && row.Owner != call.Host)
        {
            world.Break(6, $"{name} is called by host {call.Host}, and the run belongs to host {row.Owner}.");
        }

        if (_calls.FindLast(before => before.Run == call.Run && before.Path == call.Path) is not { } last)
        {
            return;
        }

        if (last.Key != call.Key)
        {
            world.Break(3, $"{name} is called under the key {call.Key}, and was called under {last.Key}.");
        }

        if (last.Config != call.Config)
        {
            world.Break(3, $"{name} is called under one key with two configs: {last.Config}, then {call.Config}.");
        }

        if (call.Attempt <= last.Attempt)
        {
            world.Break(5, $"{name} is called as attempt {call.Attempt}, after attempt {last.Attempt}.");
        }
    }
}
