using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Engine.Blobs;
using Sluice.Engine.Journal;
using Sluice.Engine.Storage.Sqlite;
using Sluice.Engine.Tests.Journal;
using Sluice.Engine.Tests.Storage.Sqlite;

namespace Sluice.Engine.Tests.Blobs;

public sealed class BlobSweepTests : IAsyncDisposable
{
    private static readonly TimeSpan Retention = TimeSpan.FromHours(24);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly DataDirectory _data = new();
    private readonly BlobStore _store;
    private readonly SqliteDatabase _database;

    public BlobSweepTests()
    {
        _store = BlobStore.Open(_data.Path, 1000);
        _database = SqliteDatabase.Open(new SqliteOptions(_data.Path), _time, NullLogger.Instance);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task Files_go_when_their_run_has_been_over_for_the_retention()
    {
        var sweep = Sweep();
        var run = await KeepAsync();
        var log = Begin(run);
        await log.DurableAsync();
        _time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(0, await sweep.SweepAsync(Token));

        log.SetStatus(RunStatus.Succeeded, finishedAt: _time.GetUtcNow());
        await log.DurableAsync();
        _time.Advance(Retention - TimeSpan.FromSeconds(1));
        Assert.Equal(0, await sweep.SweepAsync(Token));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, await sweep.SweepAsync(Token));

        Assert.Empty(_store.Runs());
        Assert.Equal(0, _store.Bytes);
    }

    [Fact]
    public async Task Files_of_a_run_that_never_came_to_be_go_after_an_hour()
    {
        var sweep = Sweep();
        await KeepAsync();

        Assert.Equal(0, await sweep.SweepAsync(Token));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, await sweep.SweepAsync(Token));
    }

    [Fact]
    public async Task Files_that_an_earlier_host_kept_for_a_run_that_never_came_to_be_go_at_the_start()
    {
        await KeepAsync();
        var log = Begin(await KeepAsync());
        await log.DurableAsync();
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(1, await Sweep().SweepAsync(Token));

        Assert.Equal([log.Header.Id], _store.Runs());
    }

    private BlobSweep Sweep() => new(_store, _database.Runs, Retention, _time, NullLogger<BlobSweep>.Instance);

    private RunLog Begin(RunId run) => new(
        _database.Queue, new RunHeader(run, "tested", 1, "webhook", _time.GetUtcNow(), "{}"u8.ToArray(), default), fence: 1, isNew: true);

    private async Task<RunId> KeepAsync()
    {
        using var upload = _store.Receive(RunId.New(_time.GetUtcNow()));
        await upload.WriteAsync(null, "text/plain", new MemoryStream("hello"u8.ToArray()), 1000, Token);
        await upload.KeepAsync();
        return upload.Run;
    }
}
