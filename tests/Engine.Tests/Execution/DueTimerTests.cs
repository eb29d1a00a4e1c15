using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Storage.Sqlite;
using Sluice.Engine.Tests.Storage.Sqlite;
using static Sluice.Engine.Tests.Storage.Sqlite.DataDirectory;

namespace Sluice.Engine.Tests.Execution;

public sealed class DueTimerTests : IAsyncDisposable
{
    private readonly DataDirectory _directory = new();
    private readonly SqliteDatabase _database;
    private readonly DueTimer _timer;
    private readonly ConcurrentQueue<DateTimeOffset> _looks = new();
    private readonly SemaphoreSlim _looked = new(0);
    private Exception? _failure;
    private TaskCompletionSource? _gate;

    public DueTimerTests()
    {
        _database = _directory.Open();
        _timer = new DueTimer(_database.Runs, TakeDueAsync, _directory.Time, NullLogger.Instance, CancellationToken.None);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await _database.DisposeAsync();
        _directory.Dispose();
        _looked.Dispose();
    }

    [Fact]
    public async Task It_looks_when_the_first_run_is_due_and_not_a_tick_earlier()
    {
        _timer.Expect(Noon.AddHours(2));
        _timer.Expect(Noon.AddHours(1));
        _timer.Expect(Noon.AddHours(3));

        _directory.Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        Assert.Empty(_looks);
        _directory.Time.Advance(TimeSpan.FromMilliseconds(1));
        await _looked.WaitAsync(Token);

        Assert.True(Assert.Single(_looks) >= Noon.AddHours(1));
    }

    [Fact]
    public async Task After_a_look_it_is_set_to_the_next_time_in_the_journal()
    {
        await SuspendAsync(Noon.AddDays(100));
        _timer.Look();
        await _looked.WaitAsync(Token);

        // Longer than a timer of the platform waits.
        await UntilLookedAsync(Noon.AddDays(100));
    }

    [Fact]
    public async Task A_look_that_fails_is_made_again()
    {
        _failure = new JournalUnavailableException("full");
        _timer.Look();
        await _looked.WaitAsync(Token);
        _failure = null;

        await UntilLookedAsync(Noon.AddSeconds(1));
    }

    [Fact]
    public async Task It_does_not_look_for_what_is_due_and_could_not_be_taken_over()
    {
        await SuspendAsync(Noon.AddHours(-1));
        _timer.Look();
        await _looked.WaitAsync(Token);
        _timer.Look();
        await _looked.WaitAsync(Token);

        _directory.Time.Advance(TimeSpan.FromDays(30));

        Assert.Equal(2, _looks.Count);
    }

    [Fact]
    public async Task However_often_a_look_is_asked_for_during_another_one_follows()
    {
        _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _timer.Look();
        await _looked.WaitAsync(Token);

        for (var count = 0; count < 100; count++)
        {
            _timer.Look();
        }

        _gate.SetResult();
        await _looked.WaitAsync(Token);
        await _timer.DisposeAsync();
        Assert.Equal(2, _looks.Count);
    }

    private Task TakeDueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var failure = _failure;
        _looks.Enqueue(now);
        _looked.Release();
        return failure is null ? _gate?.Task ?? Task.CompletedTask : Task.FromException(failure);
    }

    private async Task UntilLookedAsync(DateTimeOffset due)
    {
        while (!_looks.Any(look => look >= due))
        {
            Token.ThrowIfCancellationRequested();
            _directory.Time.Advance(TimeSpan.FromHours(1));
            await Task.Yield();
        }
    }

    private async Task SuspendAsync(DateTimeOffset due)
    {
        var log = new RunLog(_database.Queue, Header(), 1, isNew: true);
        log.Suspend([new Wait("a", 1) { DueAt = due }]);
        await log.DurableAsync();
    }
}
