using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;
using Sluice.Engine.Storage.Sqlite;
using static Sluice.Engine.Tests.Storage.Sqlite.DataDirectory;

namespace Sluice.Engine.Tests.Storage.Sqlite;

/// <summary>Files of the database that disappear under a running host.</summary>
public sealed class DatabaseWatchTests : IDisposable
{
    private readonly DataDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("", "deleted")]
    [InlineData("", "moved away")]
    [InlineData("", "replaced")]
    [InlineData("-wal", "deleted")]
    [InlineData("-wal", "replaced")]
    [InlineData("-shm", "deleted")]
    public async Task Nothing_is_acknowledged_once_a_file_is_gone_and_all_that_was_is_saved(string suffix, string how)
    {
        await using var database = _directory.Open();
        var acknowledged = await WriteAsync(database.Queue);
        var file = _directory.File + suffix;
        Lose(file, how);
        _directory.Time.Advance(DatabaseWatch.Interval);

        var refused = await Assert.ThrowsAsync<JournalUnavailableException>(() => WriteAsync(database.Queue));
        await UntilAsync(() => Saved().Any());

        Assert.Contains(file, refused.Message, StringComparison.Ordinal);
        Assert.Equal((false, true), (database.Queue.IsWritable, database.Queue.IsLost));
        using var saved = new SqliteConnection($"Data Source={Saved().Single()};Mode=ReadOnly;Pooling=False");
        await saved.OpenAsync(Token);
        Assert.Contains(acknowledged, saved.Query<byte[]>("select id from run").Select(id => RunId.FromBytes(id)));
    }

    [Fact]
    public async Task Nothing_is_acknowledged_once_the_log_was_truncated_and_no_damaged_copy_is_saved()
    {
        await using var database = _directory.Open();
        await WriteAsync(database.Queue);
        using (var log = new FileStream($"{_directory.File}-wal", FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            log.SetLength(0);
        }

        _directory.Time.Advance(DatabaseWatch.Interval);

        var refused = await Assert.ThrowsAsync<JournalUnavailableException>(() => WriteAsync(database.Queue));
        await UntilAsync(() => database.Queue.IsLost);

        Assert.Contains("was truncated or overwritten", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Saved());
    }

    [Fact]
    public async Task An_idle_journal_notices_too_and_stays_closed()
    {
        await using var database = _directory.Open();
        File.Delete(_directory.File);

        _directory.Time.Advance(JournalGuard.Interval);
        await UntilAsync(() => !database.Queue.IsWritable);
        _directory.Time.Advance(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<JournalUnavailableException>(() => WriteAsync(database.Queue));
    }

    [Fact]
    public async Task A_file_that_is_put_back_is_written_again()
    {
        await using var database = _directory.Open();
        var aside = $"{_directory.File}.aside";
        File.Move(_directory.File, aside);
        _directory.Time.Advance(JournalGuard.Interval);
        await UntilAsync(() => !database.Queue.IsWritable);

        File.Move(aside, _directory.File);
        await UntilAsync(() =>
        {
            _directory.Time.Advance(TimeSpan.FromSeconds(1));
            return database.Queue.IsWritable;
        });

        var run = await WriteAsync(database.Queue);
        Assert.False(database.Queue.IsLost);
        Assert.NotNull(await database.Runs.FindAsync(run, Token));
    }

    [Fact]
    public async Task What_was_saved_opens_in_the_place_of_what_is_gone()
    {
        RunId acknowledged;
        await using (var database = _directory.Open())
        {
            acknowledged = await WriteAsync(database.Queue);
            File.Delete(_directory.File);
            _directory.Time.Advance(JournalGuard.Interval);
            await UntilAsync(() => Saved().Any() && database.Queue.IsLost);
        }

        var refused = Assert.Throws<DataDirectoryException>(() => _directory.Open());
        var saved = Saved().Single();
        Assert.Contains(saved, refused.Message, StringComparison.Ordinal);
        // The log of the database that is gone may lie there still.
        File.Move(saved, _directory.File);

        await using var next = _directory.Open();
        Assert.NotNull(await next.Runs.FindAsync(acknowledged, Token));
    }

    private IEnumerable<string> Saved() => Directory.EnumerateFiles(_directory.Path, $"{SqliteOptions.FileName}.saved-*");

    private static void Lose(string file, string how)
    {
        if (how == "moved away")
        {
            File.Move(file, $"{file}.aside");
            return;
        }

        var bytes = File.ReadAllBytes(file);
        File.Delete(file);
        if (how == "replaced")
        {
            File.WriteAllBytes(file, bytes);
        }
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Yield();
            Token.ThrowIfCancellationRequested();
        }
    }
}
