using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;
using Sluice.Engine.Storage.Sqlite;
using static Sluice.Engine.Tests.Storage.Sqlite.DataDirectory;

namespace Sluice.Engine.Tests.Storage.Sqlite;

/// <summary>What is lost while no host runs is found by the next start.</summary>
public sealed class StartCheckTests : IDisposable
{
    private const int Runs = 40;

    private readonly DataDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Log => $"{_directory.File}-wal";

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_a_crash_leaves_opens_with_every_run()
    {
        await CrashAsync();

        await OpensWithAllRunsAsync();
    }

    [Fact]
    public async Task A_write_ahead_log_that_another_program_folded_in_is_not_missed()
    {
        await CrashAsync();
        using (var connection = new SqliteConnection($"Data Source={_directory.File};Pooling=False"))
        {
            connection.Open();
            connection.Number("select count(*) from run");
        }

        Assert.False(File.Exists(Log));
        await OpensWithAllRunsAsync();
    }

    [Fact]
    public async Task A_write_ahead_log_whose_last_transaction_is_torn_opens_with_the_runs_before_it()
    {
        await CrashAsync();
        using (var log = new FileStream(Log, FileMode.Open))
        {
            log.SetLength(log.Length - 100);
        }

        await OpensWithAllRunsAsync(but: 1);
    }

    [Fact]
    public async Task A_backup_opens_in_a_directory_of_its_own()
    {
        await CrashAsync();
        File.Delete(Path.Combine(_directory.Path, JournalMarker.FileName));

        await OpensWithAllRunsAsync();
    }

    public static TheoryData<string> Losses => ["no database", "empty database", "no log", "random log", "flipped log", "short log", "another's database", "another's empty database"];

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task A_loss_is_refused_with_a_cure_and_goes_on_only_when_it_is_accepted(string loss)
    {
        await CrashAsync();
        await LoseAsync(loss);

        for (var again = 0; again < 2; again++)
        {
            var refused = Assert.Throws<DataDirectoryException>(() => _directory.Open());
            Assert.Contains(_directory.File, refused.Message, StringComparison.Ordinal);
            Assert.Contains("--accept-loss", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', refused.Message);
        }

        await using (var accepted = _directory.Open(new SqliteOptions(_directory.Path) { AcceptLoss = true }))
        {
            await WriteAsync(accepted.Queue);
        }

        await using var next = _directory.Open();
        Assert.NotEmpty(await next.Runs.ListAsync(new RunFilter(), Token));
    }

    [Fact]
    public async Task An_older_copy_of_the_database_is_refused()
    {
        await _directory.Open().DisposeAsync();
        var copy = await File.ReadAllBytesAsync(_directory.File, Token);
        await using (var database = _directory.Open())
        {
            await WriteAsync(database.Queue);
        }

        await File.WriteAllBytesAsync(_directory.File, copy, Token);

        Assert.Contains("older", Assert.Throws<DataDirectoryException>(() => _directory.Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garbage_inside_the_database_is_refused_even_when_a_loss_is_accepted()
    {
        await WriteRunsAndStopAsync();
        SpoilPages();

        foreach (var acceptLoss in (bool[])[false, true])
        {
            var refused = Assert.Throws<DataDirectoryException>(() => _directory.Open(new SqliteOptions(_directory.Path) { AcceptLoss = acceptLoss }));
            Assert.Contains("damaged", refused.Message, StringComparison.Ordinal);
            Assert.Contains("backup", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Garbage_inside_a_large_database_is_found_beside_the_running_host_which_then_takes_nothing_more()
    {
        await WriteRunsAndStopAsync();
        // In the middle of the runs: none of what a start reads by itself.
        SpoilPages(from: 50, to: 53);

        await using var database = _directory.Open(new SqliteOptions(_directory.Path) { QuickCheckBytes = 1000 });
        await UntilAsync(() => !database.Queue.IsWritable);

        Assert.True(database.Queue.IsLost);
        var refused = await Assert.ThrowsAsync<JournalUnavailableException>(() => WriteAsync(database.Queue));
        Assert.Contains("damaged", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_marker_remembers_what_was_written_since_the_start()
    {
        await using var database = _directory.Open();
        await WriteAsync(database.Queue);

        _directory.Time.Advance(JournalGuard.Interval);

        await UntilAsync(() => JournalMarker.Read(_directory.Path).Mark is { Runs: 1 });
    }

    private async Task OpensWithAllRunsAsync(int but = 0)
    {
        await using var database = _directory.Open();
        Assert.Equal(Runs - but, (await database.Runs.ListAsync(new RunFilter(Limit: 1000), Token)).Count);
    }

    /// <summary>Leaves in the directory what a kill of its host would.</summary>
    private async Task CrashAsync()
    {
        using var running = new DataDirectory();
        await using var database = running.Open();
        for (var run = 0; run < Runs; run++)
        {
            await WriteAsync(database.Queue, minute: run);
        }

        foreach (var name in (string[])[SqliteOptions.FileName, $"{SqliteOptions.FileName}-wal", JournalMarker.FileName])
        {
            File.Copy(Path.Combine(running.Path, name), Path.Combine(_directory.Path, name));
        }
    }

    private async Task WriteRunsAndStopAsync()
    {
        await using var database = _directory.Open();
        for (var run = 0; run < 200; run++)
        {
            await WriteAsync(database.Queue, minute: run, entry: new string('1', 2000));
        }
    }

    // The first page stays, so the file is still a database.
    private void SpoilPages(long from = 4, long to = long.MaxValue)
    {
        using var file = new FileStream(_directory.File, FileMode.Open);
        for (var page = from; page < Math.Min(to, file.Length / SqliteOptions.PageBytes); page++)
        {
            file.Position = page * SqliteOptions.PageBytes;
            file.Write(RandomNumberGenerator.GetBytes(512));
        }
    }

    private async Task LoseAsync(string loss)
    {
        switch (loss)
        {
            case "no database":
                File.Delete(_directory.File);
                break;
            case "empty database":
                await File.WriteAllBytesAsync(_directory.File, [], Token);
                break;
            case "no log":
                File.Delete(Log);
                break;
            case "random log":
                await File.WriteAllBytesAsync(Log, RandomNumberGenerator.GetBytes((int)new FileInfo(Log).Length), Token);
                break;
            case "flipped log":
                var log = await File.ReadAllBytesAsync(Log, Token);
                log[log.Length / 2] ^= 4;
                await File.WriteAllBytesAsync(Log, log, Token);
                break;
            case "short log":
                await File.WriteAllBytesAsync(Log, (await File.ReadAllBytesAsync(Log, Token))[..32], Token);
                break;
            default:
                using (var other = new DataDirectory())
                {
                    await using (var database = other.Open())
                    {
                        await (loss == "another's database" ? WriteAsync(database.Queue) : Task.CompletedTask);
                    }

                    File.Delete(Log);
                    File.Copy(other.File, _directory.File, overwrite: true);
                }

                break;
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
