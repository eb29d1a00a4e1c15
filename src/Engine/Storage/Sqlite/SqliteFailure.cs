using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Puts what SQLite says into words: the rule, and the cure.</summary>
internal static class SqliteFailure
{
    // Result codes of sqlite.org/rescode.html.
    private const int ReadOnly = 8;
    private const int Busy = 5;
    private const int IoError = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CantOpen = 14;
    private const int TooBig = 18;
    private const int Constraint = 19;
    private const int Mismatch = 20;
    private const int NotADatabase = 26;

    /// <summary>Whether the fault lies with the row itself: the others of the transaction are fine.</summary>
    public static bool IsOfOneRow(int code) => code is TooBig or Constraint or Mismatch;

    public static JournalUnavailableException Unavailable(string file, Exception cause) =>
        new($"{file} can't be written now: {Explain(cause)} The journal looks again by itself every second.", cause);

    public static JournalUnavailableException Unreadable(string file, Exception cause) => new($"{file} can't be read now: {Explain(cause)}", cause);

    public static DataDirectoryException Unusable(string file, SqliteException cause) => new($"{file} can't be opened: {Explain(cause)}", cause);

    private static string Explain(Exception cause) => cause is not SqliteException sqlite ? cause.Message : sqlite.SqliteErrorCode switch
    {
        Full => "the disk is full. Make room.",
        ReadOnly => "the file or its disk is read-only. Make it writable.",
        IoError => $"the disk failed ({sqlite.Message}). See the system's log; check the disk and its mount.",
        CantOpen => "it or its directory does not exist. Restore the directory with write access for this user.",
        Busy => "another program holds a lock on it. Close that program.",
        Corrupt or NotADatabase => "it is damaged, or not an SQLite database. Restore it from a backup; `sqlite3 FILE .recover` saves what can be read.",
        _ => sqlite.Message,
    };
}
