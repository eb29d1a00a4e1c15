using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Journal;
using Sluice.Engine.Publishing;
using Sluice.Engine.Storage.Sqlite;
using static Sluice.Engine.Tests.Storage.Sqlite.DataDirectory;

namespace Sluice.Engine.Tests.Storage.Sqlite;

public sealed class SqliteWriterTests : IDisposable
{
    private readonly DataDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Everybody_who_waits_is_committed_at_once()
    {
        await using var database = _directory.Open();
        var (before, runs) = (database.Commits, new List<Task>());
        await WhileWriterIsBusyAsync(database, () => runs.AddRange(Enumerable.Range(0, 500).Select(_ => WriteAsync(database.Queue))));
        await Task.WhenAll(runs);

        Assert.Equal(500, (await database.Runs.ListAsync(new RunFilter(Limit: 1000), Token)).Count);
        Assert.Equal(2, database.Commits - before);
    }

    [Fact]
    public async Task No_commit_holds_more_than_the_limit()
    {
        await using var database = _directory.Open(new SqliteOptions(_directory.Path) { BatchLimit = 100 });
        var (before, runs) = (database.Commits, new List<Task>());
        await WhileWriterIsBusyAsync(database, () => runs.AddRange(Enumerable.Range(0, 250).Select(_ => WriteAsync(database.Queue))));
        await Task.WhenAll(runs);

        Assert.Equal(1 + 3, database.Commits - before);
    }

    [Fact]
    public async Task A_row_that_is_refused_does_not_harm_the_others_of_its_commit()
    {
        await using var database = _directory.Open();
        var header = Header();
        Task[] writes = [];
        await WhileWriterIsBusyAsync(
            database,
            () => writes =
            [
                WriteAsync(database.Queue),
                new RunLog(database.Queue, header, 1, isNew: true).DurableAsync(),
                new RunLog(database.Queue, header, 1, isNew: true).DurableAsync(),
                WriteAsync(database.Queue),
            ]);

        await Task.WhenAll(writes[0], writes[1], writes[3]);
        var refused = await Assert.ThrowsAsync<JournalUnavailableException>(() => writes[2]);
        Assert.Contains(header.Id.ToString(), refused.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await database.Runs.ListAsync(new RunFilter(), Token)).Count);
        Assert.True(database.Queue.IsWritable);
    }

    [Fact]
    public async Task A_change_that_throws_is_undone_alone()
    {
        await using var database = _directory.Open();
        Task[] both = [];
        var text = new WorkflowText("kept", "name: kept", "api");
        using var cancelled = new CancellationTokenSource();
        await WhileWriterIsBusyAsync(
            database,
            () =>
            {
                both =
                [
                    database.Workflows.PublishAsync([text with { Name = "undone" }], Noon, cancelled.Token).AsTask(),
                    database.Workflows.PublishAsync([text], Noon, Token).AsTask(),
                ];
                cancelled.Cancel();
            });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => both[0]);
        await both[1];
        Assert.Equal("kept", Assert.Single(await database.Workflows.LatestAsync(Token)).Name);
    }

    [Fact]
    public async Task A_full_database_refuses_everything_says_so_and_recovers_when_there_is_room()
    {
        await using var database = _directory.Open(pageLimit: 120);
        var writable = database.Queue.WritableAgain;
        var stored = new List<RunId>();
        var failure = await Assert.ThrowsAsync<JournalUnavailableException>(
            async () =>
            {
                while (true)
                {
                    stored.Add(await WriteAsync(database.Queue, entry: new string('1', 8000)));
                }
            });

        Assert.Contains("the disk is full", failure.Message, StringComparison.Ordinal);
        Assert.False(database.Queue.IsWritable);
        await Assert.ThrowsAsync<JournalUnavailableException>(() => WriteAsync(database.Queue));
        await Assert.ThrowsAsync<JournalUnavailableException>(async () => await database.Workflows.DeleteAsync("orders", Token));
        await Assert.ThrowsAsync<JournalUnavailableException>(async () => await database.Runs.TakeOverAsync([(await database.Runs.FindAsync(stored[0], Token))!], Token));
        Assert.Equal(stored.OrderDescending(), (await database.Runs.ListAsync(new RunFilter(Limit: 1000), Token)).Select(run => run.Id));

        database.PageLimit = null;
        _directory.Time.Advance(TimeSpan.FromSeconds(1));
        await writable.WaitAsync(Token);

        Assert.True(database.Queue.IsWritable);
        stored.Add(await WriteAsync(database.Queue));
        Assert.Equal(stored.Count, (await database.Runs.ListAsync(new RunFilter(Limit: 1000), Token)).Count);
    }

    [Fact]
    public async Task A_commit_that_fails_fails_for_all_of_it_and_for_all_who_wait_behind_it()
    {
        await using var database = _directory.Open(new SqliteOptions(_directory.Path) { PageLimit = 120, BatchLimit = 10 });
        var small = new List<RunLog>();
        var waits = new List<Task>();
        await WhileWriterIsBusyAsync(
            database,
            () =>
            {
                small.AddRange(Enumerable.Range(0, 30).Select(_ => new RunLog(database.Queue, Header(), 1, isNew: true)));
                small.Insert(12, new RunLog(database.Queue, Header(bodyBytes: 1_000_000), 1, isNew: true));
                waits.AddRange(small.Select(log => log.DurableAsync()));
            });

        await Task.WhenAll(waits.Take(10));
        foreach (var wait in waits.Skip(10))
        {
            await Assert.ThrowsAsync<JournalUnavailableException>(() => wait);
        }

        Assert.Equal(10, (await database.Runs.ListAsync(new RunFilter(), Token)).Count);
    }

    [Fact]
    public async Task A_probe_that_finds_no_room_leaves_the_journal_closed_and_the_next_one_is_made()
    {
        var log = new SignallingLogger("still can't be written");
        await using var database = SqliteDatabase.Open(new SqliteOptions(_directory.Path) { PageLimit = 40 }, _directory.Time, log);
        var writable = database.Queue.WritableAgain;
        await Assert.ThrowsAsync<JournalUnavailableException>(() => new RunLog(database.Queue, Header(bodyBytes: 1_000_000), 1, isNew: true).DurableAsync());

        _directory.Time.Advance(TimeSpan.FromSeconds(1));
        await log.Seen.WaitAsync(Token);
        Assert.False(database.Queue.IsWritable);

        // The timer of the next probe is set just after the line was logged.
        database.PageLimit = null;
        while (!writable.IsCompleted)
        {
            Token.ThrowIfCancellationRequested();
            _directory.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await WriteAsync(database.Queue);
    }

    [Fact]
    public async Task What_waits_when_the_database_is_closed_is_written_and_what_comes_later_is_refused()
    {
        var waits = new List<Task>();
        var database = _directory.Open();
        await using (database)
        {
            waits.AddRange(Enumerable.Range(0, 100).Select(_ => WriteAsync(database.Queue)));
        }

        await Task.WhenAll(waits);
        await Assert.ThrowsAsync<JournalUnavailableException>(() => WriteAsync(database.Queue));
        Assert.False(File.Exists(_directory.File + "-wal"));
        await using var reopened = _directory.Open();
        Assert.Equal(100, (await reopened.Runs.ListAsync(new RunFilter(Limit: 1000), Token)).Count);
    }

    [Fact]
    public async Task What_was_durable_is_there_after_a_crash()
    {
        using var crashed = new DataDirectory();
        await using var database = _directory.Open();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var durable = new System.Collections.Concurrent.ConcurrentBag<RunId>();
        var load = Enumerable.Range(0, 16).Select(_ => Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    durable.Add(await WriteAsync(database.Queue));
                }
            })).ToArray();

        while (durable.Count < 500)
        {
            await Task.Yield();
        }

        // What a machine that stops here would find: no checkpoint folds the log while it is copied, the log is far too short.
        var known = durable.ToArray();
        Copy(_directory.File, crashed.File);
        Copy(_directory.File + "-wal", crashed.File + "-wal");
        await stop.CancelAsync();
        await Task.WhenAll(load);

        await using var reopened = crashed.Open();
        var found = (await reopened.Runs.ListAsync(new RunFilter(Limit: 1_000_000), Token)).Select(run => run.Id).ToHashSet();
        Assert.All(known, id => Assert.Contains(id, found));
    }

    [Fact]
    public async Task A_lock_of_another_program_that_goes_away_does_no_harm()
    {
        await using var database = _directory.Open();
        await using var other = new SqliteConnection($"Data Source={_directory.File};Pooling=False");
        other.Open();
        Task write;
        using (other.BeginTransaction(deferred: false))
        {
            write = WriteAsync(database.Queue);
        }

        await write;
    }

    [Fact]
    public async Task A_run_that_waits_alone_can_be_written_on_the_thread_that_asks_and_is_told_there()
    {
        await using var database = _directory.Open();
        var (told, asking) = (new Told(database.Queue), Environment.CurrentManagedThreadId);

        // The writer was called too, and is faster now and then: asked often enough, the thread that asks comes first once.
        while (told.Thread != asking)
        {
            var log = new RunLog(database.Queue, Header(), 1, isNew: true);
            log.Append("{}"u8);
            log.Notify(told = new Told(database.Queue));
            log.WriteWhereAlone();
            await told.Task.WaitAsync(Token);
            asking = Environment.CurrentManagedThreadId;
        }

        Assert.False(told.WasOnOwnThread);
    }

    [Fact]
    public async Task A_run_that_can_wait_is_written_all_the_same_where_it_never_asks()
    {
        await using var database = _directory.Open();

        // The second finds a writer that dozes, and is not signalled.
        for (var run = 0; run < 2; run++)
        {
            var told = new Told(database.Queue);
            new RunLog(database.Queue, Header(), 1, isNew: true).Notify(told, canWait: true);
            await told.Task.WaitAsync(Token);
            Assert.True(told.WasOnOwnThread);
        }
    }

    [Fact]
    public async Task All_that_can_wait_is_written_with_whoever_hurries()
    {
        await using var database = _directory.Open();
        var before = database.Commits;
        var logs = Enumerable.Range(0, 3).Select(_ => new RunLog(database.Queue, Header(), 1, isNew: true)).ToArray();
        var told = new List<Task>();
        await WhileWriterIsBusyAsync(
            database,
            () =>
            {
                foreach (var log in logs)
                {
                    var observer = new Told(database.Queue);
                    log.Notify(observer, canWait: true);
                    told.Add(observer.Task);
                }

                logs[0].Hurry();
            });

        await Task.WhenAll(told).WaitAsync(Token);
        // All that waits goes along with whoever hurries.
        Assert.Equal(2, database.Commits - before);
    }

    [Fact]
    public async Task A_run_that_is_not_alone_is_left_to_the_writer()
    {
        await using var database = _directory.Open();
        var (before, logs) = (database.Commits, new List<RunLog>());
        var waits = new List<Task>();
        await WhileWriterIsBusyAsync(
            database,
            () =>
            {
                logs.AddRange([new RunLog(database.Queue, Header(), 1, isNew: true), new RunLog(database.Queue, Header(), 1, isNew: true)]);
                logs.ForEach(log => waits.Add(log.DurableAsync()));
                logs[0].WriteWhereAlone();
                Assert.All(waits, wait => Assert.False(wait.IsCompleted));
            });

        await Task.WhenAll(waits);
        Assert.Equal(2, database.Commits - before);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public async Task Who_is_told_is_told_on_a_thread_of_the_journals_own(int runs)
    {
        await using var database = _directory.Open();
        var told = Enumerable.Range(0, runs).Select(_ => new Told(database.Queue)).ToArray();
        await WhileWriterIsBusyAsync(
            database, () => Array.ForEach(told, observer => new RunLog(database.Queue, Header(), 1, isNew: true).Notify(observer)));

        foreach (var observer in told)
        {
            await observer.Task.WaitAsync(Token);
            Assert.True(observer.WasOnOwnThread);
        }

        Assert.False(database.Queue.IsWriterThread);
    }

    /// <summary>Notes on which thread it heard.</summary>
    private sealed class Told(ICommitQueue queue) : IDurabilityObserver
    {
        private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _told.Task;

        public int Thread { get; private set; }

        public bool WasOnOwnThread { get; private set; }

        public void OnSettled(Exception? failure)
        {
            Assert.Null(failure);
            Thread = Environment.CurrentManagedThreadId;
            WasOnOwnThread = queue.IsWriterThread;
            _told.SetResult();
        }
    }

    /// <summary>Keeps the writer inside a transaction while runs queue up behind it.</summary>
    private static async Task WhileWriterIsBusyAsync(SqliteDatabase database, Action queue)
    {
        using var isBusy = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var busy = database.Writer.WriteAsync(
            _ =>
            {
                isBusy.Set();
                goOn.Wait(Token);
                return true;
            },
            Token).AsTask();
        isBusy.Wait(Token);
        queue();
        goOn.Set();
        await busy;
    }

    private static void Copy(string from, string to)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var target = File.Create(to);
        source.CopyTo(target);
    }

    /// <summary>Tells when a line with a certain text was logged.</summary>
    private sealed class SignallingLogger(string text) : ILogger
    {
        private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Seen => _seen.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).Contains(text, StringComparison.Ordinal))
            {
                _seen.TrySetResult();
            }
        }
    }
}
