namespace Sluice.Engine.Journal;

/// <summary>A change other than a run's entries, performed by the writer inside one of its transactions.</summary>
internal abstract class WriteJob
{
    /// <summary>Makes the change. A failure of its own is kept and the change undone; a failure of the database goes up.</summary>
    public abstract void Perform();

    /// <summary>The transaction is durable: completes the job with its result.</summary>
    public abstract void Settle();

    /// <summary>The transaction is not durable.</summary>
    public abstract void Fail(Exception failure);
}
