using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Sluice.Crash.Tests;

/// <summary>Reads the runs of a data directory with SQLite alone, past all code of the host.</summary>
internal static class JournalFile
{
    /// <summary>Every run, by id.</summary>
    public static IReadOnlyDictionary<string, JournalRun> Read(string data)
    {
        var file = Path.Combine(data, "sluice.db");
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        if (connection.ExecuteScalar<string>("pragma integrity_check") is not "ok" and var damage)
        {
            throw new InvalidDataException($"{file} is damaged: {damage}");
        }

        var chapters = connection.Query<(long Run, byte[] Entries)>("select run, entries from chapter order by seq").ToLookup(row => row.Run, row => row.Entries);
        return connection.Query<(long Seq, byte[] Id, string Workflow, byte[]? Body, byte[]? Entries)>("select seq, id, workflow, body, entries from run")
            .Select(row => new JournalRun(
                new Guid(row.Id, bigEndian: true).ToString(),
                row.Workflow,
                JsonElement.Parse(row.Body!).GetProperty("number").GetInt32(),
                [.. Lines(row.Entries), .. chapters[row.Seq].SelectMany(Lines)]))
            .ToDictionary(run => run.Id);
    }

    private static IEnumerable<JsonElement> Lines(byte[]? entries) =>
        System.Text.Encoding.UTF8.GetString(entries ?? []).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line));
}

/// <summary>A run as its entries tell it.</summary>
internal sealed record JournalRun(string Id, string Workflow, int Number, IReadOnlyList<JsonElement> Entries)
{
    /// <summary>The entries of one kind.</summary>
    public IReadOnlyList<JsonElement> Of(string kind) => [.. Entries.Where(entry => entry.GetProperty("kind").GetString() == kind)];
}
