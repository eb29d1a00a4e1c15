namespace Sluice.Engine.Journal;

/// <summary>Writes batches of runs to a database for the <see cref="CommitQueue"/>, which calls from one thread at a time.</summary>
internal interface IBatchWriter
{
    /// <summary>Writes a batch in one transaction; when it returns, the batch is durable through a power cut.</summary>
    /// <remarks>
    /// A run with an old fencing number, or one that can't be written because of what it is, is refused (<see cref="CommitBatch.Refuse"/>) without harm to
    /// the others.
    /// </remarks>
    /// <exception cref="JournalUnavailableException">Nothing of the batch was written.</exception>
    void Write(CommitBatch batch);

    /// <summary>Checks that the database is still the one that was opened.</summary>
    /// <exception cref="JournalUnavailableException">It is lost.</exception>
    void Verify();

    /// <summary>Opens the database again after a failure, and checks that it has room for a batch.</summary>
    /// <exception cref="Exception">It still can't be written.</exception>
    void Reopen();

    /// <summary>Saves what can be saved of a database that is lost. Called after everybody who waited has been told.</summary>
    void Salvage();

    /// <summary>Closes the database after the last write. Never throws.</summary>
    /// <param name="isWritable">Whether the last write succeeded.</param>
    void Close(bool isWritable);
}
