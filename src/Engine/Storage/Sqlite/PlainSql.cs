using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Statements without parameters, as a start sends them: Dapper, and what it loads, is left to those who read rows into records.</summary>
internal static class PlainSql
{
    /// <summary>Runs one statement or several.</summary>
    public static void Run(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>The one number that a statement gives.</summary>
    public static long Number(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
