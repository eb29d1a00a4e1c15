using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Files;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Compares what a data directory holds with what its marker remembers, so that a lost database is not taken for a new one.</summary>
internal sealed class StartCheck(SqliteOptions options, ILogger logger)
{
    private readonly (bool Exists, JournalMark? Mark) _marker = JournalMarker.Read(options.Directory);

    private string LogFile => $"{options.File}-wal";

    /// <summary>Checks the files before SQLite opens and repairs them.</summary>
    /// <exception cref="DataDirectoryException">The database or its log is lost or damaged.</exception>
    public void BeforeOpening()
    {
        var database = FileStatus.Of(options.File);
        if (database is { Kind: not (FileKind.Regular or FileKind.Unknown) })
        {
            throw new DataDirectoryException($"{options.File} is not a regular file. Remove it, or name another data directory with --data.");
        }

        if (database is not { Size: > 0 } && (_marker.Exists || FileStatus.Of(LogFile) is { Size: > 0 }))
        {
            Lost($"{options.File} is {(database is null ? "gone" : "empty")}, and this directory had a database before.");
            SetAside(options.File);
            SetAside(LogFile);
        }

        if (database is { Size: > 0 } && WriteAheadLog.IsAlien(options.File) && FileStatus.Of(LogFile) is { Size: > 0 })
        {
            logger.LogWarning("{Log} is of another database than {File}, and is set aside.", LogFile, options.File);
            SetAside(LogFile);
        }

        if (WriteAheadLog.Damage(LogFile) is { } damage)
        {
            Lost($"{LogFile} {damage}.");
            // SQLite reads it up to the damaged place, and then removes it.
            File.Copy(LogFile, Aside(LogFile));
        }
    }

    /// <summary>Checks the open database before anything in it is changed.</summary>
    /// <exception cref="DataDirectoryException">It is damaged, or not the one that this directory had.</exception>
    public void AfterOpening(SqliteConnection connection)
    {
        if (new FileInfo(options.File).Length <= options.QuickCheckBytes && IntegrityCheck.Damage(connection) is { } damage)
        {
            throw new DataDirectoryException(IntegrityCheck.Message(options.File, damage));
        }

        if (_marker.Mark is not { } remembered)
        {
            return;
        }

        var found = JournalMark.Of(connection);
        if ((found is null ? "has nothing of what this directory had before" : found.Missing(remembered)) is { } missing)
        {
            Lost($"{options.File}, with its write-ahead log, {missing}.");
        }
    }

    /// <summary>
    /// Whether the last host that had this database open stopped in order without recording which runs it left. Only the last one: a host that opened it
    /// since has another generation.
    /// </summary>
    public bool IsAfterUnrecordedStop(SqliteConnection connection) =>
        _marker.Mark is { IsUnrecordedStop: true } remembered
        && JournalMark.Of(connection) is { } found && (found.Database, found.Generation) == (remembered.Database, remembered.Generation);

    private void Lost(string what)
    {
        if (options.AcceptLoss)
        {
            logger.LogWarning("{What} The host continues with what is left, because of --accept-loss.", what);
            return;
        }

        var saved = Directory.EnumerateFiles(options.Directory, $"{SqliteOptions.FileName}.saved-*").Order(StringComparer.Ordinal).LastOrDefault();
        var cure = saved is null
            ? "Bring the files back or restore a backup"
            : $"{saved} was saved from the running host: move it to {options.File}, and start again";
        throw new DataDirectoryException($"{what} {cure}; or start once with --accept-loss to continue with what is left.");
    }

    private static void SetAside(string file)
    {
        if (File.Exists(file))
        {
            File.Move(file, Aside(file));
        }
    }

    private static string Aside(string file)
    {
        var number = 1;
        while (File.Exists($"{file}.lost-{number}"))
        {
            number++;
        }

        return $"{file}.lost-{number}";
    }
}
