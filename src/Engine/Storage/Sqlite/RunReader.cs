using System.Buffers;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Reads runs whole, with their entries and what belongs to them, in one snapshot.</summary>
internal sealed class RunReader : IDisposable
{
    private const string Columns =
        "seq, id, workflow, version, trigger, status, started_at, finished_at, wake_at, fence, owner, envelope, body, entries";

    private readonly RawStatement _begin;
    private readonly RawStatement _end;
    private readonly RawStatement _body;
    private readonly RawStatement _chapters;
    private readonly RawStatement _waits;
    private readonly RawStatement _signals;

    public RunReader(SqliteConnection connection)
    {
        _begin = new RawStatement(connection, "begin");
        _end = new RawStatement(connection, "commit");
        _body = new RawStatement(connection, "select bytes from large_body where run = ?1");
        _chapters = new RawStatement(connection, "select seq, entries from chapter where run = ?1 order by seq");
        _waits = new RawStatement(connection, "select path, number, due_at, signal, plugin from wait where run = ?1 order by path");
        _signals = new RawStatement(connection, "select name, payload, received_at from signal where run = ?1 and not is_consumed order by received_at");
        // A run may be written while it is read.
        _begin.Execute();
    }

    /// <summary>The query that reads runs from a source.</summary>
    public static string Query(string from) => $"select {Columns} from {from}";

    /// <summary>Reads the runs that a query of <see cref="Query"/> gives.</summary>
    public List<RunRecord> Read(RawStatement query, CancellationToken cancellationToken)
    {
        var records = new List<RunRecord>();
        while (query.Step())
        {
            cancellationToken.ThrowIfCancellationRequested();
            records.Add(ReadOne(query));
        }

        return records;
    }

    public void Dispose()
    {
        foreach (var statement in (RawStatement[])[_body, _chapters, _waits, _signals])
        {
            statement.Dispose();
        }

        _end.Execute();
        _begin.Dispose();
        _end.Dispose();
    }

    private RunRecord ReadOne(RawStatement row)
    {
        var seq = row.Number(0);
        var status = (RunStatus)row.Number(5);
        var header = new RunHeader(
            RunId.FromBytes(row.Bytes(1)), row.Text(2)!, (int)row.Number(3), row.Text(4)!, Ticks.ToTime(row.Number(6)), row.Bytes(11).ToArray(), Body(row, seq));
        var (entries, revision) = Entries(row.Bytes(13), seq);
        return new RunRecord(header, status, Ticks.ToTime(row.OptionalNumber(7)), Ticks.ToTime(row.OptionalNumber(8)), row.Number(9), entries)
        {
            Owner = row.OptionalNumber(10),
            Revision = revision,
            Waits = status == RunStatus.Suspended ? Waits(seq) : [],
            // One that has ended may be retried.
            Signals = Signals(seq),
        };
    }

    private byte[] Body(RawStatement row, long seq)
    {
        if (row.Bytes(12) is { IsEmpty: false } body)
        {
            return body.ToArray();
        }

        _body.Bind(1, seq);
        var large = _body.Step() ? _body.Bytes(0).ToArray() : [];
        _body.Reset();
        return large;
    }

    private (ReadOnlyMemory<byte> Entries, long Revision) Entries(ReadOnlySpan<byte> first, long seq)
    {
        var entries = new ArrayBufferWriter<byte>(Math.Max(first.Length, 256));
        entries.Write(first);
        var last = 0L;
        _chapters.Bind(1, seq);
        while (_chapters.Step())
        {
            last = _chapters.Number(0);
            entries.Write(_chapters.Bytes(1));
        }

        _chapters.Reset();
        return (entries.WrittenMemory, last);
    }

    private List<Wait> Waits(long seq)
    {
        var waits = new List<Wait>();
        _waits.Bind(1, seq);
        while (_waits.Step())
        {
            waits.Add(new Wait(_waits.Text(0)!, (int)_waits.Number(1))
            {
                DueAt = Ticks.ToTime(_waits.OptionalNumber(2)),
                Signal = _waits.Text(3),
                Plugin = _waits.Text(4),
            });
        }

        _waits.Reset();
        return waits;
    }

    private Signal[] Signals(long seq)
    {
        List<Signal>? signals = null;
        _signals.Bind(1, seq);
        while (_signals.Step())
        {
            (signals ??= []).Add(new Signal(_signals.Text(0)!, _signals.Bytes(1).ToArray(), Ticks.ToTime(_signals.Number(2))));
        }

        _signals.Reset();
        return signals is null ? [] : [.. signals];
    }
}
