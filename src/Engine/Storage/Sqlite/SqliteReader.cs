using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Reads on connections of their own, on the pool: a long list never makes the writer wait.</summary>
internal sealed class SqliteReader(SqliteOptions options) : IDisposable
{
    // While the writer opens the file anew, or closes it.
    private const int BusyMilliseconds = 5000;

    private readonly string _connectionString =
        new SqliteConnectionStringBuilder { DataSource = options.File, Mode = SqliteOpenMode.ReadOnly, Pooling = true }.ToString();

    /// <exception cref="JournalUnavailableException">The file can't be read now.</exception>
    public async ValueTask<T> ReadAsync<T>(Func<SqliteConnection, T> read, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(
                () =>
                {
                    using var connection = new SqliteConnection(_connectionString);
                    connection.Open();
                    // For raw statements, which do not try again by themselves.
                    SQLitePCL.raw.sqlite3_busy_timeout(connection.Handle!, BusyMilliseconds);
                    return read(connection);
                },
                cancellationToken);
        }
        catch (SqliteException failed)
        {
            throw SqliteFailure.Unreadable(options.File, failed);
        }
    }

    public void Dispose()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }
}
