using System.Reflection;
using DbUp;
using DbUp.Sqlite.Helpers;
using Microsoft.Data.Sqlite;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Brings a database file to the schema of this version: numbered scripts, forward only, each in a transaction.</summary>
internal static class SchemaUpgrade
{
    /// <summary>The number of the last script. Each script ends by setting <c>user_version</c> to its own.</summary>
    public const int Latest = 10;

    // The letters "Slce".
    private const int ApplicationId = 1399612261;
    // Part of the names that the table of scripts run so far has in every file: it stays, wherever the scripts lie.
    private const string Folder = ".Journal.Sqlite.Schema.";

    /// <summary>Runs the scripts that the file has not seen, up to <paramref name="last"/>.</summary>
    /// <exception cref="DataDirectoryException">The file is not Sluice's, or of a newer Sluice.</exception>
    public static void Perform(SqliteConnection connection, int last = Latest)
    {
        var version = connection.Number("pragma user_version");
        var file = connection.DataSource;
        if (connection.Number("pragma application_id") != ApplicationId
            && connection.Number("select count(*) from sqlite_master") > 0)
        {
            throw new DataDirectoryException($"{file} is a database of another program. Move it away, or name another data directory with --data.");
        }

        if (version > Latest)
        {
            throw new DataDirectoryException(
                $"{file} has schema {version}, written by a newer Sluice; this one knows up to {Latest}. Start that newer version, or restore a backup "
                + "taken before the upgrade.");
        }

        // DbUp costs start-up time only if there is something to do.
        if (version < last)
        {
            RunScripts(connection, last);
        }
    }

    private static void RunScripts(SqliteConnection connection, int last)
    {
        using var shared = new SharedConnection(connection);
        var result = DeployChanges.To
            .SqliteDatabase(shared)
            .WithScriptsEmbeddedInAssembly(Assembly.GetExecutingAssembly(), name => NumberOf(name) is { } number && number <= last)
            .WithTransactionPerScript()
            .LogToNowhere()
            .Build()
            .PerformUpgrade();
        if (!result.Successful)
        {
            throw new DataDirectoryException(
                $"{connection.DataSource} could not be brought to schema {last}: {result.Error.Message} Nothing of the failed script was kept; the version "
                + "that wrote the file still reads it.",
                result.Error);
        }
    }

    private static int? NumberOf(string resource)
    {
        var at = resource.IndexOf(Folder, StringComparison.Ordinal);
        return at < 0 ? null : int.Parse(resource.AsSpan(at + Folder.Length, 3), System.Globalization.CultureInfo.InvariantCulture);
    }
}
