using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;
using SQLitePCL;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>A prepared statement, driven directly: without the command, parameter and reader objects that ADO.NET makes for every execution.</summary>
/// <remarks>
/// For statements that runs or starts repeat: a start loads nothing for it. The rest, which reads rows into records or runs rarely, uses Dapper;
/// <see cref="PlainSql"/> is for statements without parameters.
/// </remarks>
internal sealed class RawStatement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;

    public RawStatement(SqliteConnection connection, string sql)
    {
        _connection = connection.Handle ?? throw new InvalidOperationException("The connection is closed.");
        Check(raw.sqlite3_prepare_v3(_connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <summary>How many rows the last statement of this connection changed.</summary>
    public int Changes => raw.sqlite3_changes(_connection);

    public void Bind(int parameter, long value) => Check(raw.sqlite3_bind_int64(_statement, parameter, value));

    public void Bind(int parameter, DateTimeOffset? value)
    {
        if (value is { } time)
        {
            Bind(parameter, time.UtcTicks);
        }
        else
        {
            BindNull(parameter);
        }
    }

    /// <summary>Binds bytes; null if there are none.</summary>
    public void Bind(int parameter, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            BindNull(parameter);
        }
        else
        {
            Check(raw.sqlite3_bind_blob(_statement, parameter, value));
        }
    }

    public void Bind(int parameter, string value)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(value.Length));
        var length = Encoding.UTF8.GetBytes(value, buffer);
        var result = raw.sqlite3_bind_text(_statement, parameter, buffer.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(buffer);
        Check(result);
    }

    public void Bind(int parameter, RunId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        Check(raw.sqlite3_bind_blob(_statement, parameter, bytes));
    }

    public void BindOptional(int parameter, string? value)
    {
        if (value is null)
        {
            BindNull(parameter);
        }
        else
        {
            Bind(parameter, value);
        }
    }

    /// <summary>Goes to the next row; false after the last, and then the statement can be used again.</summary>
    /// <exception cref="SqliteException">It failed; the statement can be used again.</exception>
    public bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result == raw.SQLITE_ROW)
        {
            return true;
        }

        var failure = result == raw.SQLITE_DONE ? null : Failure(result);
        Reset();
        return failure is null ? false : throw failure;
    }

    /// <summary>Leaves the rest of the rows: the statement can be used again.</summary>
    public void Reset() => raw.sqlite3_reset(_statement);

    public long Number(int column) => raw.sqlite3_column_int64(_statement, column);

    public long? OptionalNumber(int column) => IsNull(column) ? null : Number(column);

    public string? Text(int column) => IsNull(column) ? null : raw.sqlite3_column_text(_statement, column).utf8_to_string();

    /// <summary>The bytes of a column, until the next step; none if it is null.</summary>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    /// <summary>Runs the statement to its end.</summary>
    /// <exception cref="SqliteException">It failed; the statement can be used again.</exception>
    public void Execute()
    {
        var result = raw.sqlite3_step(_statement);
        var failure = result is raw.SQLITE_DONE or raw.SQLITE_ROW ? null : Failure(result);
        raw.sqlite3_reset(_statement);
        if (failure is not null)
        {
            throw failure;
        }
    }

    public void Dispose() => _statement.Dispose();

    private bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    private void BindNull(int parameter) => Check(raw.sqlite3_bind_null(_statement, parameter));

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            throw Failure(result);
        }
    }

    private SqliteException Failure(int result) =>
        new(raw.sqlite3_errmsg(_connection).utf8_to_string(), result, raw.sqlite3_extended_errcode(_connection));
}
