using Sluice.Engine.Files;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>
/// Says whether the files that the writer has open are still the ones at their paths, and whether the log is still one: a file that was deleted or
/// truncated takes writes, and loses them all.
/// </summary>
internal sealed class DatabaseWatch(SqliteOptions options, TimeProvider time)
{
    /// <summary>The shortest time between two checks of the files before a commit is acknowledged.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly string[] _paths = [options.File, $"{options.File}-wal", $"{options.File}-shm"];
    private FileStatus?[] _opened = new FileStatus?[3];
    private long _lookedAt = time.GetTimestamp();

    /// <summary>Notes which files they are, once all of them are open.</summary>
    public void Remember() => Volatile.Write(ref _opened, Array.ConvertAll(_paths, FileStatus.Of));

    /// <summary>Ahead of closing the database: SQLite then removes all but the first file.</summary>
    public void ForgetLog() => Volatile.Write(ref _opened, [_opened[0], null, null]);

    /// <summary>The first path that leads to another file than the one opened, or to none; null if all are unchanged.</summary>
    private string? Moved()
    {
        var opened = Volatile.Read(ref _opened);
        for (var i = 0; i < _paths.Length; i++)
        {
            if (opened[i] is { Kind: FileKind.Regular } known && (FileStatus.Of(_paths[i]) is not { } now || (now.Kind != FileKind.Unknown && !now.IsSameFile(known))))
            {
                return _paths[i];
            }
        }

        return null;
    }

    /// <summary>Whether all files are the ones that were opened, and the log is a log. May be asked from any thread.</summary>
    public bool IsIntact => Moved() is null && !IsLogOverwritten;

    /// <summary>Checks the files if the last check is longer ago than <see cref="Interval"/>.</summary>
    /// <exception cref="DatabaseLostException">A file is no longer the one that was opened, or was overwritten.</exception>
    public void ThrowIfLostSinceLastCheck()
    {
        if (time.GetElapsedTime(_lookedAt) >= Interval)
        {
            _lookedAt = time.GetTimestamp();
            ThrowIfLost();
        }
    }

    /// <exception cref="DatabaseLostException">A file is no longer the one that was opened, or was overwritten.</exception>
    public void ThrowIfLost()
    {
        if (Moved() is { } path)
        {
            throw DatabaseLostException.Moved(path);
        }

        if (IsLogOverwritten)
        {
            throw DatabaseLostException.Overwritten(_paths[1]);
        }
    }

    private bool IsLogOverwritten => Volatile.Read(ref _opened)[1] is not null && WriteAheadLog.IsOverwritten(_paths[1]);
}

/// <summary>The writer's database is no longer reliable: its files were deleted, replaced or damaged.</summary>
internal sealed class DatabaseLostException(string message) : Exception(message)
{
    /// <summary>Whether what the connection reads is damaged too, so that a copy of it is worth nothing.</summary>
    public bool IsDamage { get; private init; }

    public static DatabaseLostException Moved(string path) => new(
        $"{path} was deleted or replaced while this host had it open. Nothing more is accepted. Put the same file back, or stop the host and restore the database.");

    public static DatabaseLostException Overwritten(string path) => new(
        $"{path} was truncated or overwritten while this host had it open. Nothing more is accepted. Stop the host and restore the database.")
    { IsDamage = true };
}
