using System.Text;
using Sluice.Engine.Journal;
using static Sluice.Engine.Tests.Storage.Sqlite.DataDirectory;

namespace Sluice.Engine.Tests.Storage.Sqlite;

public sealed class SqliteRunStoreTests : IDisposable
{
    private readonly DataDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_run_comes_back_as_it_was_written()
    {
        await using var database = _directory.Open();
        var header = Header() with { StartedAt = Noon.AddTicks(1234567), Body = new byte[] { 0, 1, 255 } };
        var log = new RunLog(database.Queue, header, 1, isNew: true);
        log.Append("""{"a":1}"""u8);
        log.SetStatus(RunStatus.Suspended, wakeAt: Noon.AddTicks(7));
        await log.DurableAsync();

        var record = await database.Runs.FindAsync(header.Id, Token);

        Assert.NotNull(record);
        Assert.Equal(header.Envelope.ToArray(), record.Header.Envelope.ToArray());
        Assert.Equal([0, 1, 255], record.Header.Body.ToArray());
        Assert.Equal(header with { Envelope = default, Body = default }, record.Header with { Envelope = default, Body = default });
        Assert.Equal((RunStatus.Suspended, null, Noon.AddTicks(7), 1L), (record.Status, record.FinishedAt, record.WakeAt, record.Fence));
        Assert.Equal("{\"a\":1}\n", Text(record));
    }

    [Fact]
    public async Task A_run_that_nobody_wrote_is_null()
    {
        await using var database = _directory.Open();

        Assert.Null(await database.Runs.FindAsync(RunId.New(Noon), Token));
    }

    [Fact]
    public async Task What_is_appended_later_follows_in_order()
    {
        await using var database = _directory.Open();
        var log = new RunLog(database.Queue, Header(), 1, isNew: true);
        for (var i = 0; i < 5; i++)
        {
            log.Append(Encoding.UTF8.GetBytes(i.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            await log.DurableAsync();
        }

        log.SetStatus(RunStatus.Succeeded, Noon);
        await log.DurableAsync();

        var record = await database.Runs.FindAsync(log.Header.Id, Token);
        Assert.Equal("0\n1\n2\n3\n4\n", Text(record!));
        Assert.Equal((RunStatus.Succeeded, Noon), (record!.Status, record.FinishedAt));
    }

    [Theory]
    [InlineData(1_000, 100_000)]
    [InlineData(100_000, 1_000)]
    [InlineData(100_000, 100_000)]
    public async Task Large_bodies_and_entries_come_back_whole(int bodyBytes, int entryBytes)
    {
        await using var database = _directory.Open();
        var header = Header(bodyBytes: bodyBytes);
        var log = new RunLog(database.Queue, header, 1, isNew: true);
        log.Append(new byte[entryBytes]);
        await log.DurableAsync();
        log.Append("end"u8);
        await log.DurableAsync();

        var record = await database.Runs.FindAsync(header.Id, Token);

        Assert.Equal(bodyBytes, record!.Header.Body.Length);
        Assert.Equal(entryBytes + "\nend\n".Length, record.Entries.Length);
        Assert.Equal("\nend\n", Text(record)[entryBytes..]);
    }

    [Fact]
    public async Task A_list_is_newest_first_and_pages_on_from_a_run()
    {
        await using var database = _directory.Open();
        var ids = new List<RunId>();
        for (var minute = 0; minute < 5; minute++)
        {
            ids.Insert(0, await WriteAsync(database.Queue, minute: minute));
        }

        var first = await database.Runs.ListAsync(new RunFilter(Limit: 2), Token);
        var second = await database.Runs.ListAsync(new RunFilter(Before: first[^1].Id), Token);

        Assert.Equal(ids, first.Concat(second).Select(run => run.Id));
        Assert.Equal(new RunSummary(ids[0], "orders", 7, "webhook", RunStatus.Succeeded, Noon.AddMinutes(4), Noon.AddMinutes(5)), first[0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(200_000)]
    public async Task Requests_are_listed_with_the_size_of_their_bodies_and_runs_of_other_triggers_left_out(int bodyBytes)
    {
        await using var database = _directory.Open();
        var header = Header(bodyBytes: bodyBytes);
        await new RunLog(database.Queue, header, 1, isNew: true).DurableAsync();
        await new RunLog(database.Queue, Header() with { Trigger = "manual" }, 1, isNew: true).DurableAsync();

        var request = Assert.Single(await database.Runs.ListRequestsAsync(new RunFilter(), Token));

        Assert.Equal((header.Id, bodyBytes), (request.Run.Id, request.BodyBytes));
        Assert.Equal(header.Envelope.ToArray(), request.Envelope.ToArray());
    }

    [Fact]
    public async Task A_list_holds_what_its_filter_names()
    {
        await using var database = _directory.Open();
        foreach (var workflow in (string[])["orders", "refunds"])
        {
            foreach (var status in Enum.GetValues<RunStatus>())
            {
                await WriteAsync(database.Queue, workflow, status);
            }
        }

        Assert.Equal(Enum.GetValues<RunStatus>().Length, (await database.Runs.ListAsync(new RunFilter("refunds"), Token)).Count(run => run.Workflow == "refunds"));
        foreach (var status in Enum.GetValues<RunStatus>())
        {
            Assert.Equal([status, status], (await database.Runs.ListAsync(new RunFilter(Status: status), Token)).Select(run => run.Status));
            var one = Assert.Single(await database.Runs.ListAsync(new RunFilter("refunds", status), Token));
            Assert.Equal(("refunds", status), (one.Workflow, one.Status));
        }
    }

    [Fact]
    public async Task Unfinished_runs_come_oldest_first_in_pages()
    {
        await using var database = _directory.Open();
        var queued = await WriteAsync(database.Queue, status: RunStatus.Queued, minute: 1);
        await WriteAsync(database.Queue, status: RunStatus.Failed, minute: 2);
        var running = await WriteAsync(database.Queue, status: RunStatus.Running, minute: 3);
        var suspended = await WriteAsync(database.Queue, status: RunStatus.Suspended, minute: 4);
        await WriteAsync(database.Queue, status: RunStatus.Succeeded, minute: 5);

        var first = await database.Runs.UnfinishedAsync(null, 1, Token);
        var second = await database.Runs.UnfinishedAsync(first[^1].Header.Id, 2, Token);

        Assert.Equal([running, suspended], first.Concat(second).Select(run => run.Header.Id));
        Assert.Equal([queued], await database.Runs.QueuedAsync(null, 10, Token));
    }

    [Fact]
    public async Task Runs_that_wait_for_room_come_oldest_first_and_wait_no_longer_once_taken_over()
    {
        await using var database = _directory.Open();
        var runs = new List<RunId>();
        for (var minute = 0; minute < 3; minute++)
        {
            runs.Add(await WriteAsync(database.Queue, status: RunStatus.Queued, minute: minute));
        }

        Assert.Equal(runs.Take(2), await database.Runs.QueuedAsync(null, 2, Token));
        Assert.Equal(runs.Skip(1), await database.Runs.QueuedAsync(runs[0], 10, Token));

        await database.Runs.TakeOverAsync(runs[1], 1, Token);

        Assert.Equal([runs[0], runs[2]], await database.Runs.QueuedAsync(null, 10, Token));
        Assert.Equal(2, await database.Runs.CountQueuedAsync(Token));
        Assert.Equal(RunStatus.Running, (await database.Runs.FindAsync(runs[1], Token))!.Status);
    }

    [Fact]
    public async Task A_run_is_taken_over_once_for_each_fencing_number()
    {
        await using var database = _directory.Open();
        var id = await WriteAsync(database.Queue, status: RunStatus.Running);

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => database.Runs.TakeOverAsync(id, 1, Token).AsTask()));

        Assert.Equal(2, Assert.Single(taken, fence => fence is not null));
        Assert.Equal(2, (await database.Runs.FindAsync(id, Token))!.Fence);
        Assert.Null(await database.Runs.TakeOverAsync(RunId.New(Noon), 1, Token));
    }

    [Theory]
    [InlineData("Queued", "Running")]
    [InlineData("Suspended", "Running")]
    [InlineData("Failed", "Failed")]
    [InlineData("Quarantined", "Quarantined")]
    public async Task A_run_that_has_not_ended_is_running_once_it_is_taken_over(string before, string after)
    {
        await using var database = _directory.Open();
        var id = await WriteAsync(database.Queue, status: Enum.Parse<RunStatus>(before));

        await database.Runs.TakeOverAsync(id, 1, Token);

        Assert.Equal(Enum.Parse<RunStatus>(after), (await database.Runs.FindAsync(id, Token))!.Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_write_with_an_old_fencing_number_is_refused_and_leaves_no_trace(bool withStatus)
    {
        await using var database = _directory.Open();
        var old = new RunLog(database.Queue, Header(), 1, isNew: true);
        old.Append("old"u8);
        await old.DurableAsync();
        var fence = await database.Runs.TakeOverAsync(old.Header.Id, 1, Token);

        old.Append("late"u8);
        if (withStatus)
        {
            old.SetStatus(RunStatus.Failed, Noon);
        }

        var other = WriteAsync(database.Queue);
        await Assert.ThrowsAsync<FencedException>(old.DurableAsync);
        await Assert.ThrowsAsync<FencedException>(old.DurableAsync);

        var owner = new RunLog(database.Queue, old.Header, fence!.Value, isNew: false);
        owner.Append("new"u8);
        await owner.DurableAsync();
        await other;
        var record = await database.Runs.FindAsync(old.Header.Id, Token);
        Assert.Equal("old\nnew\n", Text(record!));
        Assert.Equal(RunStatus.Running, record!.Status);
        Assert.True(database.Queue.IsWritable);
    }

    private static string Text(RunRecord record) => Encoding.UTF8.GetString(record.Entries.Span);
}
