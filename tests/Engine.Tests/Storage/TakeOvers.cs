using System.Collections.Frozen;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Tests.Storage;

/// <summary>Take-overs that record nothing.</summary>
internal static class TakeOvers
{
    public static ValueTask<IReadOnlyList<RunRecord>> TakeOverAsync(this IRunStore store, IReadOnlyList<RunRecord> runs, CancellationToken cancellationToken) =>
        store.TakeOverAsync(runs, FrozenDictionary<RunId, JournalEntry>.Empty, cancellationToken);
}
