using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>Where a run was when its hosts died, and how many have died there in a row.</summary>
/// <param name="Deaths">How many hosts have died with the run at this place.</param>
/// <param name="Step">The step that was in flight; null if its start was not recorded.</param>
/// <param name="IsNew">Whether the last of these deaths is not in the journal yet.</param>
internal sealed record Interruption(int Deaths, JournalEntry.StepStarted? Step, bool IsNew)
{
    /// <summary>From this many crashes on, a run is executed without other suspects beside it.</summary>
    public const int Suspicious = 2;

    /// <summary>At this many deaths, a run is quarantined.</summary>
    public const int Most = 3;

    /// <summary>What is recorded of the last crash.</summary>
    public JournalEntry.Interrupted ToEntry(DateTimeOffset now) => new(Step?.Key, now);

    /// <summary>Reads from the journal how many hosts crashed at the place where a run is now; null if none did.</summary>
    /// <param name="run">The run before it is taken over.</param>
    /// <param name="history">What its entries say.</param>
    /// <param name="isOurs">Whether the last owner was this host, which let the run go.</param>
    public static Interruption? Of(RunRecord run, RunHistory history, bool isOurs)
    {
        if (run.Status == RunStatus.Queued)
        {
            return null;
        }

        // A host makes a run `running` when it takes it over. One that stops writes down that it left the run off; one that dies does not.
        // A plugin in a process of its own can end that process alone.
        var isDeath = run.Status == RunStatus.Running && !isOurs && history.LeftOffBy != run.Fence && history.InFlight is not { IsApart: true };
        var deaths = history.Deaths + (isDeath ? 1 : 0);
        return deaths == 0 ? null : new Interruption(deaths, history.InFlight, isDeath);
    }
}
