using Sluice.Engine.Journal;
using Sluice.Engine.Publishing;

namespace Sluice.Engine.Storage;

/// <summary>The open database of a host: the runs, the published workflows and the refused requests are views of it.</summary>
internal interface IStorage : IAsyncDisposable
{
    /// <summary>Takes what runs append.</summary>
    ICommitQueue Queue { get; }

    IRunStore Runs { get; }

    IRunRetention Retention { get; }

    IWorkflowStore Workflows { get; }

    IRejectionStore Rejections { get; }

    /// <summary>A key of 256 bits that the host keeps for one purpose; created when it is first asked for.</summary>
    /// <param name="name">The purpose.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="JournalUnavailableException">There is none yet, and none can be stored now.</exception>
    ValueTask<byte[]> HostKeyAsync(string name, CancellationToken cancellationToken);
}
