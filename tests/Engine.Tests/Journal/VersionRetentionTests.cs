using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Definitions;
using Sluice.Engine.Journal;
using Sluice.Engine.Publishing;
using Sluice.Engine.Storage.Sqlite;
using Sluice.Engine.Tests.Storage.Sqlite;
using static Sluice.Engine.Tests.Storage.Sqlite.DataDirectory;

namespace Sluice.Engine.Tests.Journal;

/// <summary>Which versions of a workflow a sweep keeps. Every ten minutes one is published; two are kept.</summary>
public sealed class VersionRetentionTests : IDisposable
{
    private readonly DataDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_newest_versions_of_each_workflow_are_kept()
    {
        await using var database = _directory.Open();
        await PublishAsync(database, "orders", 6);
        await PublishAsync(database, "rare", 1);

        await SweepAsync(database, after: TimeSpan.FromDays(2));

        Assert.Equal([5, 6], await VersionsAsync(database, "orders"));
        Assert.Equal([1], await VersionsAsync(database, "rare"));
    }

    [Theory]
    [InlineData((int)RunStatus.Running, 0)]
    [InlineData((int)RunStatus.Failed, 0)]
    [InlineData((int)RunStatus.Succeeded, 0)]
    [InlineData((int)RunStatus.Suspended, 600_000)]
    public async Task A_version_is_kept_for_as_long_as_a_run_refers_to_it(int status, int minutesLate)
    {
        await using var database = _directory.Open();
        await PublishAsync(database, "orders", 6);
        // Another workflow's run of the same number keeps nothing.
        await WriteAsync(database.Queue, "others", 3, (RunStatus)status, minute: 25);
        var log = await WriteAsync(database.Queue, "orders", 2, (RunStatus)status, minute: 15 + minutesLate);

        await SweepAsync(database, after: TimeSpan.FromDays(2));
        Assert.Equal([2, 5, 6], await VersionsAsync(database, "orders"));

        log.SetStatus(RunStatus.Succeeded, Noon);
        await log.DurableAsync();
        await database.Retention.DeleteAsync([log.Header.Id], DateTimeOffset.MaxValue, Token);
        await SweepAsync(database, after: RetentionSweep.WholeInterval);
        Assert.Equal([5, 6], await VersionsAsync(database, "orders"));
    }

    [Fact]
    public async Task A_version_that_was_replaced_within_a_day_is_kept()
    {
        await using var database = _directory.Open();
        await PublishAsync(database, "orders", 6);

        await SweepAsync(database, after: RetentionSweep.VersionGrace + TimeSpan.FromMinutes(25));

        Assert.Equal([3, 4, 5, 6], await VersionsAsync(database, "orders"));
    }

    [Fact]
    public async Task A_journal_whose_old_versions_were_deleted_opens_and_goes_on_with_the_numbers()
    {
        await using (var database = _directory.Open())
        {
            await PublishAsync(database, "orders", 6);
            await SweepAsync(database, after: TimeSpan.FromDays(2));
        }

        await using var next = _directory.Open();
        await PublishAsync(next, "orders", 1);
        Assert.Equal([5, 6, 7], await VersionsAsync(next, "orders"));
    }

    private static async Task PublishAsync(SqliteDatabase database, string workflow, int count)
    {
        for (var version = 0; version < count; version++)
        {
            await database.Workflows.PublishAsync([new WorkflowText(workflow, "name: x", "api")], Noon.AddMinutes(version * 10), Token);
        }
    }

    private async Task SweepAsync(SqliteDatabase database, TimeSpan after)
    {
        _directory.Time.Advance(after);
        await new RetentionSweep(
            database.Retention, new(null, null, null), 2, () => new Dictionary<string, RetentionSettings>(), _directory.Time, NullLogger<RetentionSweep>.Instance)
            .SweepAsync(Token);
    }

    private static async Task<RunLog> WriteAsync(ICommitQueue queue, string workflow, int version, RunStatus status, int minute)
    {
        var log = new RunLog(queue, Header(workflow, minute) with { Version = version }, 1, isNew: true);
        log.SetStatus(status, status == RunStatus.Succeeded ? Noon.AddMinutes(minute + 1) : null);
        await log.DurableAsync();
        return log;
    }

    private static async Task<IReadOnlyList<int>> VersionsAsync(SqliteDatabase database, string workflow)
    {
        var found = new List<int>();
        for (var version = 1; version <= 10; version++)
        {
            if (await database.Workflows.FindAsync(workflow, version, Token) is not null)
            {
                found.Add(version);
            }
        }

        return found;
    }
}
