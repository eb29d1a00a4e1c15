namespace Sluice.Engine.Journal;

/// <summary>Hears that what a run had appended is durable, or never will be.</summary>
internal interface IDurabilityObserver
{
    /// <summary>
    /// Called once, on a thread of the journal's or of the run's own, one after another with the observers of other runs in the same commit: it returns soon, never throws and
    /// never calls plugin code. For more work, await <see cref="RunLog.DurableAsync"/>, which continues on another thread.
    /// </summary>
    /// <param name="failure">Null if it is durable.</param>
    void OnSettled(Exception? failure);
}
