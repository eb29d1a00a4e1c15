using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Writes what few runs have: waits, consumed signals and large outputs. Prepared when first needed.</summary>
internal sealed class RowStatements(SqliteConnection connection) : IDisposable
{
    private RawStatement? _removeWaits;
    private RawStatement? _insertWait;
    private RawStatement? _consume;
    private RawStatement? _insertOutput;
    private RawStatement? _findSignals;

    private RawStatement RemoveWaits => _removeWaits ??= new RawStatement(
        connection, "delete from wait where run = (select seq from run where id = ?1)");

    // A signal that is there already makes the wait due at once.
    private RawStatement InsertWait => _insertWait ??= new RawStatement(
        connection,
        """
        insert into wait (run, path, number, due_at, signal, plugin, wake_at)
        select seq, ?2, ?3, ?4, ?5, ?6,
            iif(exists (select 1 from signal where signal.run = seq and signal.name = ?5 and not signal.is_consumed), 0, ?4)
        from run where id = ?1
        """);

    private RawStatement ConsumeSignal => _consume ??= new RawStatement(
        connection, "update signal set is_consumed = 1 where run = (select seq from run where id = ?1) and name = ?2");

    private RawStatement FindSignals => _findSignals ??= new RawStatement(
        connection,
        "select name, payload, received_at from signal where run = (select seq from run where id = ?1) and not is_consumed order by received_at");

    private RawStatement InsertOutput => _insertOutput ??= new RawStatement(
        connection,
        """
        insert into output (run, path, attempt, bytes) select seq, ?2, ?3, ?4 from run where id = ?1
        on conflict (run, path, attempt) do update set bytes = excluded.bytes
        """);

    /// <summary>Writes the rows of a run whose ownership was checked in the same transaction.</summary>
    public void Write(RunId run, PendingRows rows)
    {
        foreach (var output in rows.Outputs)
        {
            InsertOutput.Bind(1, run);
            InsertOutput.Bind(2, output.Path);
            InsertOutput.Bind(3, output.Attempt);
            InsertOutput.Bind(4, output.Bytes.Span);
            InsertOutput.Execute();
            // SQLite keeps a copy of what is bound.
            InsertOutput.Bind(4, default(ReadOnlySpan<byte>));
        }

        foreach (var signal in rows.Consumed)
        {
            ConsumeSignal.Bind(1, run);
            ConsumeSignal.Bind(2, signal);
            ConsumeSignal.Execute();
        }

        if (rows.Waits is { } waits)
        {
            ClearWaits(run);
            foreach (var wait in waits)
            {
                Insert(run, wait);
            }
        }
    }

    /// <summary>The signals that a run received and has not consumed.</summary>
    public IReadOnlyList<Signal> SignalsOf(RunId run)
    {
        var signals = new List<Signal>();
        FindSignals.Bind(1, run);
        while (FindSignals.Step())
        {
            signals.Add(new Signal(FindSignals.Text(0)!, FindSignals.Bytes(1).ToArray(), Ticks.ToTime(FindSignals.Number(2))));
        }

        FindSignals.Reset();
        return signals;
    }

    /// <summary>Removes the waits of a run that continues.</summary>
    public void ClearWaits(RunId run)
    {
        RemoveWaits.Bind(1, run);
        RemoveWaits.Execute();
    }

    public void Dispose()
    {
        _removeWaits?.Dispose();
        _insertWait?.Dispose();
        _consume?.Dispose();
        _insertOutput?.Dispose();
        _findSignals?.Dispose();
    }

    private void Insert(RunId run, Wait wait)
    {
        InsertWait.Bind(1, run);
        InsertWait.Bind(2, wait.Path);
        InsertWait.Bind(3, wait.Number);
        InsertWait.Bind(4, wait.DueAt);
        InsertWait.BindOptional(5, wait.Signal);
        InsertWait.BindOptional(6, wait.Plugin);
        InsertWait.Execute();
    }
}
