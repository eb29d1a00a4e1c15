using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Engine.Journal;
using Sluice.Engine.Storage.Sqlite;
using Sluice.Engine.Tests.Journal;

namespace Sluice.Engine.Tests.Storage.Sqlite;

/// <summary>A data directory of one test, gone afterwards.</summary>
internal sealed class DataDirectory : IDisposable
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public string Path { get; } = Directory.CreateTempSubdirectory("sluice-").FullName;

    public FakeTimeProvider Time { get; } = new(Noon);

    public string File => System.IO.Path.Combine(Path, SqliteOptions.FileName);

    public SqliteDatabase Open(int? pageLimit = null) => Open(new SqliteOptions(Path) { PageLimit = pageLimit });

    public SqliteDatabase Open(SqliteOptions options) => SqliteDatabase.Open(options, Time, NullLogger.Instance);

    public static RunHeader Header(string workflow = "orders", int minute = 0, int bodyBytes = 2) => new(
        RunId.New(Noon.AddMinutes(minute)), workflow, 7, "webhook", Noon.AddMinutes(minute), """{"method":"POST"}"""u8.ToArray(), new byte[bodyBytes]);

    /// <summary>A run of which everything is written at once.</summary>
    public static async Task<RunId> WriteAsync(
        ICommitQueue queue, string workflow = "orders", RunStatus status = RunStatus.Succeeded, int minute = 0, string entry = "1")
    {
        var log = new RunLog(queue, Header(workflow, minute), 1, isNew: true);
        log.Append(Encoding.UTF8.GetBytes(entry));
        log.SetStatus(status, status >= RunStatus.Succeeded ? Noon.AddMinutes(minute + 1) : null);
        await log.DurableAsync();
        return log.Header.Id;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
