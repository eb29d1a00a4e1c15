using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Table <c>signal</c>: stores what comes for runs, and makes the waits for it due.</summary>
internal static class SignalRows
{
    public static SignalResult Add(SqliteConnection connection, RunId run, Signal signal)
    {
        using var find = new RawStatement(connection, "select seq, status from run where id = ?1");
        find.Bind(1, run);
        if (!find.Step())
        {
            return SignalResult.Unknown;
        }

        var (seq, status) = (find.Number(0), (RunStatus)find.Number(1));
        find.Reset();
        if (status is RunStatus.Succeeded or RunStatus.Failed or RunStatus.Cancelled)
        {
            return SignalResult.Ended;
        }

        return !Insert(connection, seq, signal) ? SignalResult.Repeated
            : MakeDue(connection, seq, signal.Name) ? SignalResult.Awaited
            : SignalResult.Stored;
    }

    private static bool Insert(SqliteConnection connection, long seq, Signal signal)
    {
        using var insert = new RawStatement(
            connection, "insert into signal (run, name, payload, received_at) values (?1, ?2, ?3, ?4) on conflict (run, name) do nothing");
        insert.Bind(1, seq);
        insert.Bind(2, signal.Name);
        insert.Bind(3, signal.Payload.Span);
        insert.Bind(4, signal.At);
        insert.Execute();
        return insert.Changes > 0;
    }

    private static bool MakeDue(SqliteConnection connection, long seq, string name)
    {
        using var update = new RawStatement(connection, "update wait set wake_at = 0 where run = ?1 and signal = ?2");
        update.Bind(1, seq);
        update.Bind(2, name);
        update.Execute();
        return update.Changes > 0;
    }
}
