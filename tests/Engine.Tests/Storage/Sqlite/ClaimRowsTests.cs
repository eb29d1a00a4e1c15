using Sluice.Engine.Journal;
using Sluice.Engine.Storage.Sqlite;
using Sluice.Engine.Tests.Journal;
using static Sluice.Engine.Tests.Storage.Sqlite.DataDirectory;

namespace Sluice.Engine.Tests.Storage.Sqlite;

public sealed class ClaimRowsTests : IDisposable
{
    private readonly DataDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_claim_is_durable_with_its_run_in_the_same_commit()
    {
        await using var database = _directory.Open();
        var before = database.Commits;

        var run = await TakeAsync(database, 1);

        Assert.Equal(1, database.Commits - before);
        var held = await HeldAsync(database, 1);
        Assert.Equal(run, held.Run);
        Assert.Equal(Bytes(101), held.Fingerprint);
        Assert.Null(await database.Runs.FindClaimAsync(Bytes(2), Token));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(100_000)]
    public async Task Of_two_runs_with_one_key_the_second_is_not_written_and_the_others_of_its_commit_are(int bodyBytes)
    {
        await using var database = _directory.Open();
        var first = await TakeAsync(database, 1, bodyBytes: bodyBytes);
        var second = Log(database, 1, bodyBytes: bodyBytes);

        var refused = second.DurableAsync();
        var other = WriteAsync(database.Queue);

        Assert.True((await Assert.ThrowsAsync<JournalUnavailableException>(() => refused)).IsOfOneRun);
        await other;
        Assert.Null(await database.Runs.FindAsync(second.Header.Id, Token));
        Assert.Equal(first, (await HeldAsync(database, 1)).Run);
        Assert.True(database.Queue.IsWritable);
    }

    [Fact]
    public async Task A_run_that_can_not_be_written_leaves_no_claim()
    {
        await using var database = _directory.Open();
        var header = Header();
        await new RunLog(database.Queue, header, 1, isNew: true).DurableAsync();

        var again = new RunLog(database.Queue, header, 1, isNew: true) { Claim = Claim(1) };
        await Assert.ThrowsAsync<JournalUnavailableException>(again.DurableAsync);

        Assert.Null(await database.Runs.FindClaimAsync(Bytes(1), Token));
    }

    [Fact]
    public async Task A_claim_ends_with_its_retention_and_its_key_is_free_again()
    {
        await using var database = _directory.Open();
        await TakeAsync(database, 1);

        _directory.Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        Assert.NotNull(await database.Runs.FindClaimAsync(Bytes(1), Token));
        _directory.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(await database.Runs.FindClaimAsync(Bytes(1), Token));

        var second = await TakeAsync(database, 1, minute: 60);
        Assert.Equal(second, (await HeldAsync(database, 1)).Run);
    }

    [Theory]
    [InlineData((int)RunStatus.Queued)]
    [InlineData((int)RunStatus.Running)]
    [InlineData((int)RunStatus.Suspended)]
    public async Task A_claim_outlasts_its_retention_while_its_run_has_not_ended(int status)
    {
        await using var database = _directory.Open();
        var run = await TakeAsync(database, 1, (RunStatus)status);
        _directory.Time.Advance(TimeSpan.FromDays(2));

        Assert.Equal(run, (await HeldAsync(database, 1)).Run);
        Assert.Equal(0, await database.Runs.RemoveSpentClaimsAsync(10, Token));
        await Assert.ThrowsAsync<JournalUnavailableException>(Log(database, 1, minute: 2880).DurableAsync);
    }

    [Fact]
    public async Task Spent_claims_are_removed_in_batches_and_the_others_stay()
    {
        await using var database = _directory.Open();
        for (byte key = 1; key <= 5; key++)
        {
            await TakeAsync(database, key);
        }

        await TakeAsync(database, 6, minute: 30);
        _directory.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(3, await database.Runs.RemoveSpentClaimsAsync(3, Token));
        Assert.Equal(2, await database.Runs.RemoveSpentClaimsAsync(3, Token));
        Assert.Equal(0, await database.Runs.RemoveSpentClaimsAsync(3, Token));
        Assert.NotNull(await database.Runs.FindClaimAsync(Bytes(6), Token));
    }

    [Fact]
    public async Task A_claim_whose_run_is_gone_keeps_nobody_out()
    {
        await using var database = _directory.Open();
        var run = await TakeAsync(database, 1);
        await database.Writer.WriteAsync(connection => Dapper.SqlMapper.Execute(connection, "delete from run where id = @id", new { id = run.ToBytes() }), Token);

        Assert.Null(await database.Runs.FindClaimAsync(Bytes(1), Token));
        var second = await TakeAsync(database, 1);
        Assert.Equal(second, (await HeldAsync(database, 1)).Run);
    }

    private static byte[] Bytes(byte value) => [.. Enumerable.Repeat(value, 32)];

    private static Claim Claim(byte key, int minute = 0) => new(Bytes(key), Bytes((byte)(key + 100)), Noon.AddMinutes(minute).AddHours(1));

    private static RunLog Log(SqliteDatabase database, byte key, int minute = 0, int bodyBytes = 2) =>
        new(database.Queue, Header(minute: minute, bodyBytes: bodyBytes), 1, isNew: true) { Claim = Claim(key, minute) };

    private static async Task<RunId> TakeAsync(SqliteDatabase database, byte key, RunStatus status = RunStatus.Succeeded, int minute = 0, int bodyBytes = 2)
    {
        var log = Log(database, key, minute, bodyBytes);
        log.SetStatus(status);
        await log.DurableAsync();
        return log.Header.Id;
    }

    private static async Task<(RunId Run, byte[] Fingerprint)> HeldAsync(SqliteDatabase database, byte key)
    {
        var held = Assert.IsType<HeldClaim>(await database.Runs.FindClaimAsync(Bytes(key), Token));
        return (held.Run, held.Fingerprint);
    }
}
