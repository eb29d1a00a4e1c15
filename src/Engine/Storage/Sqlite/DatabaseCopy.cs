using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Saves a database whose files were deleted or replaced: the connection still has them, and with them everything that was acknowledged.</summary>
internal static class DatabaseCopy
{
    public static void Save(SqliteConnection connection, SqliteOptions options, DateTimeOffset now, ILogger logger)
    {
        var file = string.Create(CultureInfo.InvariantCulture, $"{options.File}.saved-{now:yyyyMMdd'T'HHmmss}");
        // Under another name until it is whole.
        var incoming = $"{options.File}.saving";
        try
        {
            File.Delete(incoming);
            using (var vacuum = new RawStatement(connection, "vacuum into ?1"))
            {
                vacuum.Bind(1, incoming);
                vacuum.Execute();
            }

            File.Move(incoming, file, overwrite: true);
            logger.LogError("Everything that was acknowledged is saved in {Saved}. Stop the host, move it to {File}, and start again.", file, options.File);
        }
        catch (Exception failure)
        {
            logger.LogError(failure, "What was acknowledged could not be saved in {Saved}. Restore {File} from a backup.", file, options.File);
        }
    }
}
