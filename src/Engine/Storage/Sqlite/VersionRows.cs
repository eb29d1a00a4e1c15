using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Finds and deletes the rows of workflow versions that no run refers to.</summary>
internal static class VersionRows
{
    // A run's id carries the time it began: while its version was the latest one, or a little later if its request was being received. The margins also
    // allow for a clock that was set.
    private static readonly TimeSpan Before = TimeSpan.FromHours(1);
    private static readonly TimeSpan After = TimeSpan.FromDays(1);

    /// <summary>The rows of versions that were replaced before a time, are not among the newest of their workflow, and have no run.</summary>
    public static IReadOnlyList<long> Unused(SqliteConnection connection, int kept, DateTimeOffset replacedBefore, CancellationToken cancellationToken)
    {
        var unused = new List<long>();
        var old = connection.Query<OldVersion>(
            """
            select v.rowid as row, w.name, v.version, v.published_at as published, next.published_at as replaced
            from workflow w
            join workflow_version v on v.workflow = w.id and v.version <= w.latest - @kept
            join workflow_version next on next.workflow = w.id
                and next.version = (select min(later.version) from workflow_version later where later.workflow = w.id and later.version > v.version)
            where next.published_at < @replacedBefore
            """,
            new { kept, replacedBefore = replacedBefore.UtcTicks });
        foreach (var version in old)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!HasRun(connection, version))
            {
                unused.Add(version.Row);
            }
        }

        return unused;
    }

    public static int Delete(SqliteConnection connection, IReadOnlyList<long> rows) =>
        connection.Execute("delete from workflow_version where rowid in @rows", new { rows });

    // The second look is for a clock that was set by more than the margin: a run that has not ended must never lose its version.
    private static bool HasRun(SqliteConnection connection, OldVersion version) => connection.ExecuteScalar<long>(
        """
        select exists (select 1 from run indexed by run_by_id where id >= @from and id < @to and workflow = @name and version = @version)
            or exists (select 1 from run indexed by run_unfinished where status <= 2 and workflow = @name and version = @version)
        """,
        new
        {
            from = RunId.FirstOf(Ticks.ToTime(version.Published) - Before).ToBytes(),
            to = RunId.FirstOf(Ticks.ToTime(version.Replaced) + After).ToBytes(),
            name = version.Name,
            version = version.Version,
        }) != 0;

    private sealed record OldVersion
    {
        public required long Row { get; init; }
        public required string Name { get; init; }
        public required long Version { get; init; }
        public required long Published { get; init; }
        public required long Replaced { get; init; }
    }
}
