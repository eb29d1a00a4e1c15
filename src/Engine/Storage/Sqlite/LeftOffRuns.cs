using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Records that a host which stopped, but could not write, left its runs off.</summary>
/// <remarks>
/// It is not known which of the running runs that host executed. A run of an earlier host that crashed, which it had not taken over, counts as left
/// off, too: it may crash one more host before it is quarantined. Otherwise, a run would be blamed for a full disk.
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
