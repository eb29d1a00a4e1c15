using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Journal;
using Sluice.Engine.Storage.Sqlite;
using Sluice.Engine.Tests.Storage.Sqlite;
using static Sluice.Engine.Tests.Storage.Sqlite.DataDirectory;

namespace Sluice.Engine.Tests.Journal;

public sealed class ClaimSweepTests : IDisposable
{
    private readonly DataDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Claims_that_are_over_are_removed_within_a_minute_however_many_they_are_and_the_others_stay()
    {
        await using var database = _directory.Open();
        var many = (ClaimSweep.BatchSize * 2) + 1;
        await Task.WhenAll(Enumerable.Range(0, many).Select(number => TakeAsync(database, number, TimeSpan.FromHours(1))));
        await TakeAsync(database, many, TimeSpan.FromHours(24));
        await using var sweep = new ClaimSweep(database.Runs, _directory.Time, NullLogger<ClaimSweep>.Instance);

        _directory.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(many + 1, await CountAsync(database));
        _directory.Time.Advance(ClaimSweep.Interval);
        while (await CountAsync(database) > 1)
        {
            await Task.Yield();
        }

        Assert.NotNull(await database.Runs.FindClaimAsync(Key(many), Token));
    }

    private static async Task TakeAsync(SqliteDatabase database, int number, TimeSpan retention)
    {
        var log = new RunLog(database.Queue, Header(), 1, isNew: true) { Claim = new Claim(Key(number), Key(0), Noon + retention) };
        log.SetStatus(RunStatus.Succeeded, Noon);
        await log.DurableAsync();
    }

    private static Task<long> CountAsync(SqliteDatabase database) =>
        database.Writer.WriteAsync(connection => Dapper.SqlMapper.ExecuteScalar<long>(connection, "select count(*) from claim"), Token).AsTask();

    private static byte[] Key(int number)
    {
        var key = new byte[32];
        BitConverter.TryWriteBytes(key, number);
        return key;
    }
}
