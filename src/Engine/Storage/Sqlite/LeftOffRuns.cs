using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Records for a host that stopped in order, but could not write, that it left its runs where they were.</summary>
/// <remarks>
/// Which of the running runs that host walked is not known. One that an earlier host died with, and that the stopped one had not taken over, counts as left
/// too: such a run may cost one more host before it is quarantined, where the other way round a run would be blamed for a full disk.
/// </remarks>
internal static class LeftOffRuns
{
    public static void Record(SqliteConnection connection, DateTimeOffset now)
    {
        using var transaction = connection.BeginTransaction();
        var runs = connection.Query<(long Seq, long Fence)>(
            "select seq, fence from run indexed by run_unfinished where status <= 2 and status = @running", new { running = (int)RunStatus.Running }, transaction);
        foreach (var (seq, fence) in runs.AsList())
        {
            var entries = new EntryBuffer();
            entries.Append(new JournalEntry.LeftOff(fence, now));
            connection.Execute("insert into chapter (run, entries) values (@seq, @entries)", new { seq, entries = entries.Bytes.ToArray() }, transaction);
        }

        transaction.Commit();
    }
}
