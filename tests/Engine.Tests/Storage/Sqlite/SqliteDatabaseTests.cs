using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;
using Sluice.Engine.Storage.Sqlite;
using static Sluice.Engine.Tests.Storage.Sqlite.DataDirectory;

namespace Sluice.Engine.Tests.Storage.Sqlite;

public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly DataDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_second_host_is_kept_out_and_let_in_when_the_first_is_gone()
    {
        await using (_directory.Open())
        {
            var refused = Assert.Throws<DataDirectoryException>(() => _directory.Open());
            Assert.Contains("used by another host", refused.Message, StringComparison.Ordinal);
            Assert.Contains(_directory.Path, refused.Message, StringComparison.Ordinal);
        }

        await using var second = _directory.Open();
    }

    [Fact]
    public async Task Commits_are_durable_through_a_power_cut()
    {
        await using var database = _directory.Open();
        var settings = await database.Writer.WriteAsync(
            connection => (connection.ExecuteScalar<string>("pragma journal_mode"), connection.ExecuteScalar<int>("pragma synchronous")), Token);

        Assert.Equal(("wal", 2), settings);
    }

    [Fact]
    public async Task A_file_of_the_first_schema_is_brought_up_to_date_and_keeps_its_runs()
    {
        var id = RunId.New(Noon);
        using (var connection = OpenRaw())
        {
            SchemaUpgrade.Perform(connection, last: 1);
            connection.Execute(
                """
                insert into run (id, workflow, version, trigger, status, started_at, fence, entries)
                values (@id, 'orders', 1, 'webhook', 1, @at, 3, x'310a')
                """,
                new { id = id.ToBytes(), at = Noon.UtcTicks });
            Assert.Equal(0, connection.ExecuteScalar<int>("select count(*) from sqlite_master where name = 'workflow'"));
        }

        await using var database = _directory.Open();
        var run = Assert.Single((await database.Runs.SelectAsync(new RunSelection.Running(OwnToo: false), 10, Token)).Runs);
        Assert.Equal((id, 3L, "1\n"), (run.Header.Id, run.Fence, System.Text.Encoding.UTF8.GetString(run.Entries.Span)));
        Assert.Single(await database.Workflows.PublishAsync([new("w", "name: w", "api")], Noon, Token));
    }

    [Fact]
    public async Task A_file_from_before_there_were_claims_takes_them_and_keeps_its_runs()
    {
        using (var connection = OpenRaw())
        {
            SchemaUpgrade.Perform(connection, last: 3);
        }

        await using (var older = _directory.Open())
        {
            await WriteAsync(older.Queue, status: RunStatus.Running);
        }

        await using var database = _directory.Open();
        var claim = new Claim(new byte[32], new byte[32], Noon.AddHours(1));
        var log = new RunLog(database.Queue, Header(), 1, isNew: true) { Claim = claim };
        await log.DurableAsync();

        Assert.Equal(log.Header.Id, (await database.Runs.FindClaimAsync(claim.Key, Token))!.Run);
        Assert.Equal(2, (await database.Runs.SelectAsync(new RunSelection.Running(OwnToo: true), 10, Token)).Runs.Count);
    }

    [Fact]
    public async Task A_file_from_before_waits_were_rows_keeps_what_its_runs_wait_for()
    {
        using (var connection = OpenRaw())
        {
            SchemaUpgrade.Perform(connection, last: 9);
            Insert(connection, 1, RunStatus.Running, wakeAt: null);
            Insert(connection, 2, RunStatus.Suspended, wakeAt: Noon.AddHours(1));
            Insert(connection, 3, RunStatus.Suspended, wakeAt: null);
            Insert(connection, 4, RunStatus.Queued, wakeAt: null);
        }

        await using var database = _directory.Open();

        Assert.Equal([1], await VersionsAsync(new RunSelection.Running(OwnToo: false)));
        Assert.Equal([2], await VersionsAsync(new RunSelection.Due(Noon.AddHours(1))));
        Assert.Equal([3], await VersionsAsync(new RunSelection.Held("Http")));
        Assert.Equal([4], await VersionsAsync(new RunSelection.Queued()));
        Assert.Equal(Noon.AddHours(1), await database.Runs.NextDueAsync(Noon, Token));

        async Task<IEnumerable<int>> VersionsAsync(RunSelection selection) =>
            (await database.Runs.SelectAsync(selection, 10, Token)).Runs.Select(run => run.Header.Version);
    }

    [Fact]
    public async Task A_key_of_the_host_is_made_once_and_is_another_for_each_purpose()
    {
        byte[] first;
        await using (var database = _directory.Open())
        {
            first = await database.HostKeyAsync("status", Token);
            Assert.Equal(32, first.Length);
            Assert.NotEqual(first, await database.HostKeyAsync("other", Token));
        }

        await using var next = _directory.Open();
        Assert.Equal(first, await next.HostKeyAsync("status", Token));
    }

    [Fact]
    public async Task The_last_script_says_the_number_that_the_program_knows()
    {
        await using var database = _directory.Open();

        Assert.Equal(SchemaUpgrade.Latest, await database.Writer.WriteAsync(connection => connection.ExecuteScalar<int>("pragma user_version"), Token));
    }

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused_untouched()
    {
        await _directory.Open().DisposeAsync();
        using (var connection = OpenRaw())
        {
            connection.Execute("pragma user_version = 99");
        }

        var refused = Assert.Throws<DataDirectoryException>(() => _directory.Open());

        Assert.Contains("schema 99, written by a newer Sluice", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_of_another_program_is_refused_untouched()
    {
        using (var connection = OpenRaw())
        {
            connection.Execute("create table theirs (x); pragma user_version = 1");
        }

        Assert.Contains("another program", Assert.Throws<DataDirectoryException>(() => _directory.Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_is_refused_with_a_cure_and_the_directory_is_free_again()
    {
        File.WriteAllText(_directory.File, new string('x', 10_000));

        var refused = Assert.Throws<DataDirectoryException>(() => _directory.Open());

        Assert.Contains("damaged", refused.Message, StringComparison.Ordinal);
        Assert.Contains("backup", refused.Message, StringComparison.Ordinal);
        DataDirectoryLock.Take(_directory.Path).Dispose();
    }

    [Fact]
    public void A_directory_in_use_is_refused_even_after_its_lock_file_is_deleted()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not delete a locked file.");
        using (DataDirectoryLock.Take(_directory.Path))
        {
            File.Delete(Path.Combine(_directory.Path, "sluice.lock"));

            Assert.Contains("is used by another host", Assert.Throws<DataDirectoryException>(() => DataDirectoryLock.Take(_directory.Path)).Message, StringComparison.Ordinal);
        }

        DataDirectoryLock.Take(_directory.Path).Dispose();
    }

    [Fact]
    public void A_directory_that_can_not_be_made_is_refused_with_a_cure()
    {
        File.WriteAllText(_directory.File, "");

        var refused = Assert.Throws<DataDirectoryException>(() => DataDirectoryLock.Take(Path.Combine(_directory.File, "data")));

        Assert.Contains("--data", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("orders", null)]
    [InlineData("orders", (int)RunStatus.Failed)]
    [InlineData(null, (int)RunStatus.Running)]
    [InlineData("orders", (int)RunStatus.Succeeded)]
    public async Task No_list_reads_through_all_rows_or_sorts(string? workflow, int? statusNumber)
    {
        await using var database = _directory.Open();
        var status = (RunStatus?)statusNumber;
        var filter = new RunFilter(workflow, status, RunId.New(Noon));

        var plan = await database.Writer.WriteAsync(
            connection => string.Join('\n', connection
                .Query("explain query plan " + RunListing.Sql(filter), new { workflow, status = (int?)status, before = new byte[16], limit = 1 })
                .Select(row => (string)row.detail)),
            Token);

        Assert.Contains("SEARCH run USING INDEX run_", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
    }

    private static void Insert(SqliteConnection connection, int version, RunStatus status, DateTimeOffset? wakeAt) => connection.Execute(
        """
        insert into run (id, workflow, version, trigger, status, started_at, wake_at, fence)
        values (@id, 'orders', @version, 'webhook', @status, @at, @wakeAt, 1)
        """,
        new { id = RunId.New(Noon).ToBytes(), version, status = (int)status, at = Noon.UtcTicks, wakeAt = wakeAt?.UtcTicks });

    private SqliteConnection OpenRaw()
    {
        var connection = new SqliteConnection($"Data Source={_directory.File};Pooling=False");
        connection.Open();
        return connection;
    }
}
