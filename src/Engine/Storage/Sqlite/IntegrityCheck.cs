using Microsoft.Data.Sqlite;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Asks SQLite whether the structure of a database is whole. It reads all of the file, so a large one is checked beside the running host.</summary>
internal static class IntegrityCheck
{
    /// <summary>The first damage that SQLite reports; null for none.</summary>
    public static string? Damage(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "pragma quick_check(1)";
        return command.ExecuteScalar() is string found && found != "ok" ? found.ReplaceLineEndings(" ") : null;
    }

    /// <summary>Checks a file on a connection of its own, until it is cancelled.</summary>
    public static string? Damage(string file, CancellationToken cancellationToken)
    {
        using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        using var stop = cancellationToken.Register(() => SQLitePCL.raw.sqlite3_interrupt(connection.Handle!));
        try
        {
            return Damage(connection);
        }
        catch (SqliteException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>The message to the operator.</summary>
    public static string Message(string file, string damage) =>
        $"{file} is damaged ({damage}). Restore it from a backup; `sqlite3 {file} .recover | sqlite3 FILE` saves what can be read.";
}
