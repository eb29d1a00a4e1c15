using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Writes runs on one connection. A run that is written whole costs one insert.</summary>
/// <param name="connection">The writer's connection.</param>
/// <param name="epoch">The number of this host: the owner of the runs that are running.</param>
internal sealed class RunStatements(SqliteConnection connection, long epoch) : IDisposable
{
    /// <summary>
    /// Beyond this size a body, or the first entries, lie apart from the run's row, because SQLite writes a row anew when its status changes. Below it
    /// one row is cheaper than two.
    /// </summary>
    private const int LargeBytes = 16 * 1024;

    private readonly RawStatement _begin = new(connection, "begin immediate");
    private readonly RawStatement _commit = new(connection, "commit");
    private readonly RawStatement _save = new(connection, "savepoint piece");
    private readonly RawStatement _release = new(connection, "release piece");
    private readonly RawStatement _undo = new(connection, "rollback to piece");

    private readonly RawStatement _insertRun = new(
        connection,
        """
        insert into run (id, workflow, version, trigger, status, started_at, finished_at, wake_at, fence, envelope, body, entries, owner)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
        """);

    private readonly RawStatement _insertClaim = new(connection, ClaimRows.Insert);

    private readonly RawStatement _insertLargeBody = new(connection, "insert into large_body (run, bytes) select seq, ?2 from run where id = ?1");

    private readonly RawStatement _updateRun = new(
        connection, "update run set status = ?3, finished_at = ?4, wake_at = ?5, owner = ?6 where id = ?1 and fence = ?2");

    private readonly RawStatement _insertChapter = new(
        connection, "insert into chapter (run, entries) select seq, ?3 from run where id = ?1 and fence = ?2");

    private readonly RawStatement _checkFence = new(connection, "update run set fence = fence where id = ?1 and fence = ?2");
    private readonly RowStatements _rows = new(connection);

    public void Begin() => _begin.Execute();

    public void Commit() => _commit.Execute();

    /// <summary>Writes what is pending of a run.</summary>
    /// <exception cref="FencedException">The run has another owner; nothing of it was written.</exception>
    /// <exception cref="JournalUnavailableException">Another run holds the key that this one claims; nothing of it was written.</exception>
    /// <exception cref="SqliteException">The row or the whole transaction failed; nothing of the row was written.</exception>
    public void Write(RunLog log, PendingWrite write)
    {
        var body = log.Header.Body.Span;
        var entries = write.EntryBytes;
        if (write.IsFirst && log.Claim is null && write.Rows is null && body.Length <= LargeBytes && entries.Length <= LargeBytes)
        {
            Insert(log, write, body, entries);
        }
        else
        {
            WriteRare(log, write);
        }
    }

    /// <summary>Does several changes, all or none, without an end to the transaction around them.</summary>
    public void InPieces(Action changes, bool isSeveral = true)
    {
        if (!isSeveral)
        {
            changes();
            return;
        }

        _save.Execute();
        try
        {
            changes();
        }
        catch
        {
            // A full disk may have ended the whole transaction already; then there is no savepoint to go back to.
            if (!IsOver)
            {
                _undo.Execute();
                _release.Execute();
            }

            throw;
        }

        _release.Execute();
    }

    /// <summary>Gives the transaction up, where SQLite has not done so itself.</summary>
    public void RollBack()
    {
        if (!IsOver)
        {
            using var rollback = new RawStatement(connection, "rollback");
            rollback.Execute();
        }
    }

    public void Dispose()
    {
        foreach (var statement in (RawStatement[])
            [_begin, _commit, _save, _release, _undo, _insertRun, _insertClaim, _insertLargeBody, _updateRun, _insertChapter, _checkFence])
        {
            statement.Dispose();
        }

        _rows.Dispose();
    }

    private bool IsOver => SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) != 0;

    // Separate from the plain insert, which must not allocate a delegate for each run.
    private void WriteRare(RunLog log, PendingWrite write)
    {
        if (!write.IsFirst)
        {
            InPieces(() => Continue(log, write), isSeveral: write.Rows is not null || (write.IsDirty && !write.EntryBytes.IsEmpty));
        }
        else if (log.Claim is { } claim)
        {
            InPieces(() => InsertClaimed(log, write, claim));
        }
        else
        {
            InPieces(() => InsertLarge(log, write));
        }
    }

    // The claim comes first: a run whose key is taken is not written at all.
    private void InsertClaimed(RunLog log, PendingWrite write, Claim claim)
    {
        _insertClaim.Bind(1, claim.Key);
        _insertClaim.Bind(2, log.Header.Id);
        _insertClaim.Bind(3, claim.Fingerprint);
        _insertClaim.Bind(4, claim.ExpiresAt);
        _insertClaim.Bind(5, log.Header.StartedAt);
        _insertClaim.Execute();
        if (_insertClaim.Changes == 0)
        {
            throw new JournalUnavailableException($"Run {log.Header.Id} is not kept: another run holds its key.") { IsOfOneRun = true };
        }

        InsertLarge(log, write);
    }

    private void InsertLarge(RunLog log, PendingWrite write)
    {
        var body = log.Header.Body.Span;
        var entries = write.EntryBytes;
        var bodyIsLarge = body.Length > LargeBytes;
        var entriesAreLarge = entries.Length > LargeBytes;
        Insert(log, write, bodyIsLarge ? default : body, entriesAreLarge ? default : entries);
        if (bodyIsLarge)
        {
            _insertLargeBody.Bind(1, log.Header.Id);
            _insertLargeBody.Bind(2, body);
            _insertLargeBody.Execute();
        }

        if (entriesAreLarge)
        {
            AddChapter(log, entries);
        }

        if (write.Rows is { } rows)
        {
            _rows.Write(log.Header.Id, rows);
        }
    }

    private void Insert(RunLog log, PendingWrite write, ReadOnlySpan<byte> body, ReadOnlySpan<byte> entries)
    {
        var header = log.Header;
        _insertRun.Bind(1, header.Id);
        _insertRun.Bind(2, header.Workflow);
        _insertRun.Bind(3, header.Version);
        _insertRun.Bind(4, header.Trigger);
        _insertRun.Bind(5, (long)write.Status);
        _insertRun.Bind(6, header.StartedAt);
        _insertRun.Bind(7, write.FinishedAt);
        _insertRun.Bind(8, write.WakeAt);
        _insertRun.Bind(9, log.Fence);
        _insertRun.Bind(10, header.Envelope.Span);
        _insertRun.Bind(11, body);
        _insertRun.Bind(12, entries);
        BindOwner(_insertRun, 13, write.Status);
        _insertRun.Execute();
    }

    private void Continue(RunLog log, PendingWrite write)
    {
        if (write.IsDirty)
        {
            _updateRun.Bind(1, log.Header.Id);
            _updateRun.Bind(2, log.Fence);
            _updateRun.Bind(3, (long)write.Status);
            _updateRun.Bind(4, write.FinishedAt);
            _updateRun.Bind(5, write.WakeAt);
            BindOwner(_updateRun, 6, write.Status);
            _updateRun.Execute();
            ThrowWhereFenced(_updateRun, log);
        }

        if (!write.EntryBytes.IsEmpty)
        {
            AddChapter(log, write.EntryBytes);
        }

        if (write.Rows is { } rows)
        {
            // A status or entries have checked it already.
            if (!write.IsDirty && write.EntryBytes.IsEmpty)
            {
                CheckFence(log);
            }

            _rows.Write(log.Header.Id, rows);
        }
    }

    private void CheckFence(RunLog log)
    {
        _checkFence.Bind(1, log.Header.Id);
        _checkFence.Bind(2, log.Fence);
        _checkFence.Execute();
        ThrowWhereFenced(_checkFence, log);
    }

    // A run that is not running belongs to nobody.
    private void BindOwner(RawStatement statement, int parameter, RunStatus status)
    {
        if (status == RunStatus.Running)
        {
            statement.Bind(parameter, epoch);
        }
        else
        {
            statement.BindOptional(parameter, null);
        }
    }

    private void AddChapter(RunLog log, ReadOnlySpan<byte> entries)
    {
        _insertChapter.Bind(1, log.Header.Id);
        _insertChapter.Bind(2, log.Fence);
        _insertChapter.Bind(3, entries);
        _insertChapter.Execute();
        ThrowWhereFenced(_insertChapter, log);
    }

    private static void ThrowWhereFenced(RawStatement statement, RunLog log)
    {
        if (statement.Changes == 0)
        {
            throw new FencedException(log.Header.Id);
        }
    }
}
