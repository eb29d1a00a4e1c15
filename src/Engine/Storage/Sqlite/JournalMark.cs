using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Which database a data directory has, and how far it had come when that was last looked at.</summary>
/// <param name="Database">The random name that the database was given once.</param>
/// <param name="Generation">How often it was opened and closed.</param>
/// <param name="Deletions">How often runs were deleted. While it stays the same, the three numbers after it only grow.</param>
/// <param name="Runs">The last number of a run.</param>
/// <param name="Chapters">The last number of a chapter.</param>
/// <param name="Versions">How many versions of workflows were published.</param>
internal sealed record JournalMark(string Database, long Generation, long Deletions, long Runs, long Chapters, long Versions)
{
    private const string Word = "sluice-journal";
    private const string StopWord = "stopped";
    private const int Numbers = 5;

    /// <summary>Whether the host that used this generation stopped in order, and may have left runs without a <c>left_off</c> entry because a write failed.</summary>
    public bool IsUnrecordedStop { get; init; }

    /// <summary>The mark of an open database; null if its schema has none.</summary>
    public static JournalMark? Of(SqliteConnection connection)
    {
        if (connection.Number("select count(*) from sqlite_master where name = 'identity'") == 0)
        {
            return null;
        }

        using var query = new RawStatement(
            connection,
            """
            select database, generation, deletions, (select coalesce(max(seq), 0) from run), (select coalesce(max(seq), 0) from chapter),
                (select coalesce(max(rowid), 0) from workflow_version)
            from identity
            """);
        return query.Step()
            ? new JournalMark(query.Text(0)!, query.Number(1), query.Number(2), query.Number(3), query.Number(4), query.Number(5))
            : null;
    }

    /// <summary>Parses a mark; null if the string is not one.</summary>
    public static JournalMark? Parse(string text)
    {
        if (text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is not [Word, var database, .. var rest]
            || rest.Length < Numbers || rest[Numbers..] is not ([] or [StopWord]))
        {
            return null;
        }

        var values = new long[Numbers];
        for (var i = 0; i < values.Length; i++)
        {
            if (!long.TryParse(rest[i], NumberStyles.None, CultureInfo.InvariantCulture, out values[i]))
            {
                return null;
            }
        }

        return new JournalMark(database, values[0], values[1], values[2], values[3], values[4]) { IsUnrecordedStop = rest.Length > Numbers };
    }

    public string Write() => string.Create(
        CultureInfo.InvariantCulture, $"{Word} {Database} {Generation} {Deletions} {Runs} {Chapters} {Versions}{(IsUnrecordedStop ? $" {StopWord}" : "")}");

    /// <summary>Why a database with this mark is not the one that <paramref name="remembered"/> was made of, or not all of it; null if it is.</summary>
    public string? Missing(JournalMark remembered)
    {
        if (Database != remembered.Database)
        {
            return "is another database than the one this directory had";
        }

        var isOlder = Generation < remembered.Generation || Deletions < remembered.Deletions
            || (Deletions == remembered.Deletions && (Runs < remembered.Runs || Chapters < remembered.Chapters || Versions < remembered.Versions));
        return isOlder ? "is older than the last state this directory had: runs that were acknowledged are missing" : null;
    }
}
