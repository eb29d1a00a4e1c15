using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Definitions;
using Sluice.Engine.Journal;
using Sluice.Engine.Storage.Sqlite;
using Sluice.Engine.Tests.Storage.Sqlite;
using static Sluice.Engine.Tests.Storage.Sqlite.DataDirectory;

namespace Sluice.Engine.Tests.Journal;

public sealed class RetentionSweepTests : IDisposable
{
    private static readonly RetentionSettings Unbounded = new(null, null, null);

    private readonly DataDirectory _directory = new();
    private readonly Dictionary<string, RetentionSettings> _workflows = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Runs_that_ended_longer_ago_than_the_age_are_deleted_with_all_that_belongs_to_them()
    {
        await using var database = _directory.Open();
        var old = await WriteLargeAsync(database, minute: 0);
        var young = await WriteLargeAsync(database, minute: 120);
        _directory.Time.SetUtcNow(Noon.AddMinutes(30 * 24 * 60).AddMinutes(60));

        var sweep = await SweepAsync(database, new(TimeSpan.FromDays(30), null, null));

        Assert.Equal([young], await IdsAsync(database));
        Assert.Null(await database.Runs.FindAsync(old, Token));
        Assert.Equal(1, await CountAsync(database, "chapter"));
        Assert.Equal(1, await CountAsync(database, "large_body"));
        Assert.Equal([("age", 1L), ("count", 0L), ("size", 0L)], sweep.Deleted);
    }

    [Theory]
    [InlineData((int)RunStatus.Queued)]
    [InlineData((int)RunStatus.Running)]
    [InlineData((int)RunStatus.Suspended)]
    [InlineData((int)RunStatus.Quarantined)]
    public async Task A_run_that_has_not_ended_is_never_deleted(int status)
    {
        await using var database = _directory.Open();
        var unfinished = await WriteAsync(database.Queue, status: (RunStatus)status);
        await WriteAsync(database.Queue, status: RunStatus.Failed, minute: 1);
        _directory.Time.SetUtcNow(Noon.AddDays(400));

        await SweepAsync(database, new(TimeSpan.FromDays(1), 1, 1));

        Assert.Equal([unfinished], await IdsAsync(database));
    }

    [Fact]
    public async Task A_run_stays_as_long_as_its_key_answers_repeated_deliveries()
    {
        await using var database = _directory.Open();
        var log = new RunLog(database.Queue, Header(), 1, isNew: true) { Claim = new Claim(new byte[32], new byte[32], Noon.AddDays(10)) };
        log.SetStatus(RunStatus.Succeeded, Noon);
        await log.DurableAsync();

        _directory.Time.SetUtcNow(Noon.AddDays(9));
        await SweepAsync(database, new(TimeSpan.FromDays(1), 1, 1));
        Assert.NotNull(await database.Runs.FindClaimAsync(new byte[32], Token));
        Assert.Equal([log.Header.Id], await IdsAsync(database));

        _directory.Time.SetUtcNow(Noon.AddDays(11));
        await SweepAsync(database, new(TimeSpan.FromDays(1), 1, 1));
        Assert.Empty(await IdsAsync(database));
        Assert.Null(await database.Runs.FindClaimAsync(new byte[32], Token));
    }

    [Fact]
    public async Task A_workflow_s_own_bounds_count_for_its_runs_alone()
    {
        await using var database = _directory.Open();
        var kept = new List<RunId>();
        for (var minute = 0; minute < 10; minute++)
        {
            var run = await WriteAsync(database.Queue, "few", minute: minute);
            kept.AddRange(minute >= 7 ? [run] : []);
            kept.Add(await WriteAsync(database.Queue, "all", minute: minute));
            run = await WriteAsync(database.Queue, "short", minute: minute);
            kept.AddRange(minute >= 5 ? [run] : []);
            run = await WriteAsync(database.Queue, "small", minute: minute, entry: new string('1', 1000));
            kept.AddRange(minute >= 8 ? [run] : []);
        }

        _workflows["few"] = new(null, 3, null);
        _workflows["all"] = new(TimeSpan.FromDays(3650), null, null);
        _workflows["short"] = new(TimeSpan.FromDays(1), null, null);
        _workflows["small"] = new(null, null, 2500);
        // Each run ended a minute after it began.
        _directory.Time.SetUtcNow(Noon.AddDays(1).AddMinutes(5.5));

        var sweep = await SweepAsync(database, new(TimeSpan.FromDays(30), null, null));

        Assert.Equal(kept.Order(), (await IdsAsync(database)).Order());
        Assert.Equal([("age", 5L), ("count", 7L), ("size", 8L)], sweep.Deleted);
    }

    [Fact]
    public async Task The_oldest_runs_go_when_all_together_are_too_many()
    {
        await using var database = _directory.Open();
        var runs = new List<RunId>();
        for (var minute = 0; minute < RetentionSweep.BatchSize * 3; minute++)
        {
            runs.Add(await WriteAsync(database.Queue, minute: minute));
        }

        await SweepAsync(database, Unbounded with { Runs = 50 });

        Assert.Equal(runs.TakeLast(50), (await IdsAsync(database)).Order());
    }

    [Fact]
    public async Task A_sweep_with_nothing_to_delete_looks_at_no_run_that_an_earlier_sweep_saw()
    {
        await using var database = _directory.Open();
        for (var minute = 0; minute < 20; minute++)
        {
            await WriteAsync(database.Queue, minute % 2 == 0 ? "few" : "all", minute: minute);
        }

        _workflows["few"] = new(TimeSpan.FromDays(1), 10, null);
        _directory.Time.SetUtcNow(Noon.AddHours(1));
        var store = new CountingRetention(database.Retention);
        var sweep = NewSweep(store, new(TimeSpan.FromDays(30), 30, long.MaxValue));
        await sweep.SweepAsync(Token);
        Assert.Equal(20, store.Looked);

        await WriteAsync(database.Queue, "all", minute: 61);
        _directory.Time.Advance(RetentionSweep.Interval);
        await sweep.SweepAsync(Token);

        Assert.Equal(21, store.Looked);
        Assert.Equal(21, (await IdsAsync(database)).Count);
    }

    [Fact]
    public async Task A_later_sweep_deletes_what_has_come_beyond_each_bound_since_the_first()
    {
        await using var database = _directory.Open();
        _workflows["few"] = new(null, 3, null);
        _workflows["small"] = new(null, null, 2500);
        var sweep = NewSweep(database.Retention, new(null, 8, null));
        for (var minute = 0; minute < 20; minute++)
        {
            await WriteAsync(database.Queue, "few", minute: minute);
            await WriteAsync(database.Queue, "small", minute: minute, entry: new string('1', 1000));
            await WriteAsync(database.Queue, "all", minute: minute);
            await sweep.SweepAsync(Token);
        }

        var left = (await database.Runs.ListAsync(new RunFilter(Limit: 1000), Token)).CountBy(run => run.Workflow).ToDictionary();
        Assert.Equal(new Dictionary<string, int> { ["few"] = 3, ["small"] = 2, ["all"] = 3 }, left);
    }

    [Fact]
    public async Task A_run_that_ended_after_its_turn_is_deleted_within_the_hour()
    {
        await using var database = _directory.Open();
        var log = new RunLog(database.Queue, Header(), 1, isNew: true);
        log.SetStatus(RunStatus.Running);
        await log.DurableAsync();
        _directory.Time.SetUtcNow(Noon.AddDays(2));
        var sweep = NewSweep(database.Retention, new(null, null, 1));
        await sweep.SweepAsync(Token);

        log.SetStatus(RunStatus.Succeeded, _directory.Time.GetUtcNow());
        await log.DurableAsync();
        _directory.Time.Advance(RetentionSweep.WholeInterval);
        await sweep.SweepAsync(Token);

        Assert.Empty(await IdsAsync(database));
    }

    [Fact]
    public async Task The_file_stops_growing_at_its_bound_however_many_runs_come()
    {
        const long Bound = 2 * 1024 * 1024;
        await using var database = _directory.Open();
        var sizes = new List<long>();
        for (var round = 0; round < 6; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 400).Select(run => WriteAsync(database.Queue, minute: (round * 400) + run, entry: new string('1', 4000))));
            await SweepAsync(database, Unbounded with { Bytes = Bound });
            await database.Writer.WriteAsync(connection => connection.ExecuteScalar<long>("select 1"), Token);
            sizes.Add(await database.Retention.UsedBytesAsync(Token));
        }

        Assert.All(sizes, size => Assert.InRange(size, 1, Bound));
        var pages = await database.Writer.WriteAsync(connection => connection.ExecuteScalar<long>("pragma page_count"), Token);
        Assert.InRange(pages * SqliteOptions.PageBytes, Bound / 2, 3 * Bound);
    }

    [Fact]
    public async Task It_sweeps_every_minute_and_goes_on_after_a_time_without_a_journal()
    {
        await using var database = _directory.Open();
        await WriteAsync(database.Queue);
        _directory.Time.SetUtcNow(Noon.AddDays(2));
        using var stop = new CancellationTokenSource();
        var sweeping = NewSweep(database.Retention, new(TimeSpan.FromDays(1), null, null)).RunAsync(stop.Token);

        _directory.Time.Advance(RetentionSweep.Interval);
        while ((await IdsAsync(database)).Count > 0)
        {
            await Task.Yield();
        }

        await stop.CancelAsync();
        await sweeping;
    }

    [Fact]
    public async Task A_journal_whose_newest_runs_were_deleted_is_not_taken_for_a_lost_one()
    {
        await using (var database = _directory.Open())
        {
            await WriteAsync(database.Queue);
            _directory.Time.Advance(JournalGuard.Interval);
            while (JournalMarker.Read(_directory.Path).Mark is not { Runs: 1 })
            {
                await Task.Yield();
            }

            _directory.Time.SetUtcNow(Noon.AddDays(2));
            await SweepAsync(database, new(TimeSpan.FromDays(1), null, null));
            CopyAsAfterAKill();
        }

        using var crashed = new DataDirectory();
        foreach (var file in Directory.GetFiles(_copy!))
        {
            File.Move(file, Path.Combine(crashed.Path, Path.GetFileName(file)));
        }

        Directory.Delete(_copy!);
        await using var next = crashed.Open();
        Assert.Empty(await next.Runs.ListAsync(new RunFilter(), Token));
    }

    private string? _copy;

    private void CopyAsAfterAKill()
    {
        _copy = Directory.CreateTempSubdirectory("sluice-").FullName;
        foreach (var name in (string[])[SqliteOptions.FileName, $"{SqliteOptions.FileName}-wal", JournalMarker.FileName])
        {
            File.Copy(Path.Combine(_directory.Path, name), Path.Combine(_copy, name));
        }
    }

    private RetentionSweep NewSweep(IRunRetention store, RetentionSettings host) =>
        new(store, host, 2, () => _workflows, _directory.Time, NullLogger<RetentionSweep>.Instance);

    private async Task<RetentionSweep> SweepAsync(SqliteDatabase database, RetentionSettings host)
    {
        var sweep = NewSweep(database.Retention, host);
        await sweep.SweepAsync(Token);
        return sweep;
    }

    private static async Task<RunId> WriteLargeAsync(SqliteDatabase database, int minute)
    {
        var log = new RunLog(database.Queue, Header(minute: minute, bodyBytes: 100_000), 1, isNew: true);
        log.SetStatus(RunStatus.Running);
        await log.DurableAsync();
        log.Append("2"u8.ToArray());
        log.SetStatus(RunStatus.Succeeded, Noon.AddMinutes(minute + 1));
        await log.DurableAsync();
        return log.Header.Id;
    }

    private static async Task<IReadOnlyList<RunId>> IdsAsync(SqliteDatabase database) =>
        [.. (await database.Runs.ListAsync(new RunFilter(Limit: 1000), Token)).Select(run => run.Id)];

    private static ValueTask<long> CountAsync(SqliteDatabase database, string table) =>
        database.Writer.WriteAsync(connection => connection.ExecuteScalar<long>($"select count(*) from {table}"), Token);

    /// <summary>Counts the runs that a sweep looks at.</summary>
    private sealed class CountingRetention(IRunRetention inner) : IRunRetention
    {
        public long Looked { get; private set; }

        public async ValueTask<IReadOnlyList<RetainedRun>> OldestAsync(RunId? after, DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
            Note(await inner.OldestAsync(after, before, limit, cancellationToken));

        public async ValueTask<IReadOnlyList<RetainedRun>> NewestAsync(RunId? before, int limit, CancellationToken cancellationToken) =>
            Note(await inner.NewestAsync(before, limit, cancellationToken));

        public ValueTask<IReadOnlyDictionary<RunId, long>> SizesAsync(IReadOnlyList<RunId> runs, CancellationToken cancellationToken) =>
            inner.SizesAsync(runs, cancellationToken);

        public async ValueTask<RunCounts> CountAsync(long after, CancellationToken cancellationToken)
        {
            var counts = await inner.CountAsync(after, cancellationToken);
            Looked += counts.ByWorkflow.Values.Sum();
            return counts;
        }

        public ValueTask<long> UsedBytesAsync(CancellationToken cancellationToken) => inner.UsedBytesAsync(cancellationToken);

        public ValueTask<int> DeleteAsync(IReadOnlyList<RunId> runs, DateTimeOffset endedBy, CancellationToken cancellationToken) =>
            inner.DeleteAsync(runs, endedBy, cancellationToken);

        public ValueTask<int> DeleteVersionsAsync(int kept, DateTimeOffset replacedBefore, CancellationToken cancellationToken) =>
            inner.DeleteVersionsAsync(kept, replacedBefore, cancellationToken);

        private IReadOnlyList<RetainedRun> Note(IReadOnlyList<RetainedRun> runs)
        {
            Looked += runs.Count;
            return runs;
        }
    }
}
