using System.Text;
using Sluice.Engine.Journal;
using Sluice.Engine.Storage;
using Sluice.Engine.Tests.Journal;
using static Sluice.Engine.Tests.Storage.Sqlite.DataDirectory;

namespace Sluice.Engine.Tests.Storage;

/// <summary>What every store does, whatever the database. The tests of a database derive from it.</summary>
public abstract partial class StoreContract
{
    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Opens the database of this test; once more after the first is disposed of is the next start of the host.</summary>
    private protected abstract IStorage Open();

    [Fact]
    public async Task A_run_comes_back_as_it_was_written()
    {
        await using var database = Open();
        var header = Header() with { StartedAt = Noon.AddTicks(1234567), Body = new byte[] { 0, 1, 255 } };
        var log = new RunLog(database.Queue, header, 1, isNew: true);
        log.Append("""{"a":1}"""u8);
        log.Suspend([new Wait("pause", 2) { DueAt = Noon.AddTicks(7) }]);
        await log.DurableAsync();

        var record = await database.Runs.FindAsync(header.Id, Token);

        Assert.NotNull(record);
        Assert.Equal(header.Envelope.ToArray(), record.Header.Envelope.ToArray());
        Assert.Equal([0, 1, 255], record.Header.Body.ToArray());
        Assert.Equal(header with { Envelope = default, Body = default }, record.Header with { Envelope = default, Body = default });
        Assert.Equal((RunStatus.Suspended, null, Noon.AddTicks(7), 1L), (record.Status, record.FinishedAt, record.WakeAt, record.Fence));
        Assert.Equal("{\"a\":1}\n", Text(record));
        Assert.Equal([new Wait("pause", 2) { DueAt = Noon.AddTicks(7) }], record.Waits);
    }

    [Fact]
    public async Task A_run_that_nobody_wrote_is_null()
    {
        await using var database = Open();

        Assert.Null(await database.Runs.FindAsync(RunId.New(Noon), Token));
    }

    [Fact]
    public async Task What_is_appended_later_follows_in_order()
    {
        await using var database = Open();
        var log = new RunLog(database.Queue, Header(), 1, isNew: true);
        for (var i = 0; i < 5; i++)
        {
            log.Append(Encoding.UTF8.GetBytes(i.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            await log.DurableAsync();
        }

        log.SetStatus(RunStatus.Succeeded, Noon);
        await log.DurableAsync();

        var record = await database.Runs.FindAsync(log.Header.Id, Token);
        Assert.StartsWith("0\n1\n2\n3\n4\n{\"kind\":\"ended\"", Text(record!), StringComparison.Ordinal);
        Assert.Equal((RunStatus.Succeeded, Noon), (record!.Status, record.FinishedAt));
    }

    [Theory]
    [InlineData(1_000, 100_000)]
    [InlineData(100_000, 1_000)]
    [InlineData(100_000, 100_000)]
    public async Task Large_bodies_and_entries_come_back_whole(int bodyBytes, int entryBytes)
    {
        await using var database = Open();
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
        await using var database = Open();
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
        await using var database = Open();
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
        await using var database = Open();
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
    public async Task Running_and_queued_runs_are_selected_oldest_first_in_pages()
    {
        await using var database = Open();
        var queued = await WriteAsync(database.Queue, status: RunStatus.Queued, minute: 1);
        await WriteAsync(database.Queue, status: RunStatus.Failed, minute: 2);
        var first = await WriteAsync(database.Queue, status: RunStatus.Running, minute: 3);
        var second = await WriteAsync(database.Queue, status: RunStatus.Running, minute: 4);
        await WriteAsync(database.Queue, status: RunStatus.Succeeded, minute: 5);

        var page = await database.Runs.SelectAsync(new RunSelection.Running(OwnToo: true), 1, Token);
        var rest = await database.Runs.SelectAsync(page.Next!, 2, Token);

        Assert.Equal([first, second], page.Runs.Concat(rest.Runs).Select(run => run.Header.Id));
        Assert.Null(rest.Next);
        Assert.Equal([queued], await SelectAsync(database, new RunSelection.Queued()));
    }

    [Fact]
    public async Task A_running_run_belongs_to_its_host_and_any_other_to_nobody()
    {
        RunRecord[] before;
        await using (var database = Open())
        {
            before = await Task.WhenAll(Enum.GetValues<RunStatus>().Select(async status => await FindAsync(database, await WriteAsync(database.Queue, status: status))));
            Assert.Empty(await SelectAsync(database, new RunSelection.Running(OwnToo: false)));
        }

        Assert.All(before, run => Assert.Equal(run.Status == RunStatus.Running, run.Owner is not null));
        await using var next = Open();
        var left = Assert.Single((await next.Runs.SelectAsync(new RunSelection.Running(OwnToo: false), 10, Token)).Runs);
        await next.Runs.TakeOverAsync([left], Token);

        var taken = await FindAsync(next, left.Header.Id);
        Assert.True(taken.Owner > left.Owner);
        Assert.Empty(await SelectAsync(next, new RunSelection.Running(OwnToo: false)));
    }

    [Fact]
    public async Task Runs_are_taken_over_together_and_returned_with_what_was_read()
    {
        await using var database = Open();
        var logs = Enumerable.Range(0, 300).Select(minute => new RunLog(database.Queue, Header(minute: minute), 1, isNew: true)).ToList();
        foreach (var log in logs)
        {
            log.Append("1"u8);
            log.SetStatus(RunStatus.Queued);
        }

        await Task.WhenAll(logs.Select(log => log.DurableAsync()));
        var found = (await database.Runs.SelectAsync(new RunSelection.Queued(), 1000, Token)).Runs;

        var crash = new JournalEntry.Interrupted("a", Noon);
        var taken = await database.Runs.TakeOverAsync(found, new Dictionary<RunId, JournalEntry> { [found[0].Header.Id] = crash }, Token);

        Assert.Equal(logs.Select(log => log.Header.Id), taken.Select(run => run.Header.Id));
        Assert.All(taken, run => Assert.Equal((RunStatus.Queued, 2, "1\n"), (run.Status, run.Fence, Text(run))));
        Assert.Empty(await SelectAsync(database, new RunSelection.Queued()));
        Assert.Equal(0, await database.Runs.CountQueuedAsync(Token));
        var first = await FindAsync(database, found[0].Header.Id);
        Assert.Equal(RunStatus.Running, first.Status);
        Assert.StartsWith("1\n{\"kind\":\"interrupted\"", Text(first), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_is_taken_over_by_one_of_many()
    {
        await using var database = Open();
        var run = await FindAsync(database, await WriteAsync(database.Queue, status: RunStatus.Running));

        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => database.Runs.TakeOverAsync([run], Token).AsTask()));

        Assert.Equal(2, Assert.Single(taken.SelectMany(runs => runs)).Fence);
        Assert.Equal(2, (await FindAsync(database, run.Header.Id)).Fence);
        Assert.Empty(await database.Runs.TakeOverAsync([run with { Header = Header() }], Token));
    }

    [Theory]
    [InlineData("entries")]
    [InlineData("status")]
    public async Task A_run_that_has_changed_since_it_was_read_is_not_taken_over(string change)
    {
        await using var database = Open();
        var log = new RunLog(database.Queue, Header(), 1, isNew: true);
        await log.DurableAsync();
        var read = await FindAsync(database, log.Header.Id);
        if (change == "entries")
        {
            log.Append("1"u8);
        }
        else
        {
            log.SetStatus(RunStatus.Cancelled, Noon);
        }

        await log.DurableAsync();

        Assert.Empty(await database.Runs.TakeOverAsync([read], Token));
        Assert.Equal(1, (await FindAsync(database, read.Header.Id)).Fence);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_host_that_lost_a_run_changes_none_of_its_waits_signals_and_outputs(bool withEntries)
    {
        await using var database = Open();
        var old = new RunLog(database.Queue, Header(), 1, isNew: true);
        await old.DurableAsync();
        await database.Runs.SignalAsync(old.Header.Id, new Signal("ask", default, Noon), Token);
        await database.Runs.TakeOverAsync([await FindAsync(database, old.Header.Id)], Token);

        old.Append(new JournalEntry.Woken("ask", "ask", default, Noon));
        if (withEntries)
        {
            old.AppendStep(LargeStep());
            old.Suspend([new Wait("a", 1) { DueAt = Noon }]);
        }

        await Assert.ThrowsAsync<FencedException>(old.DurableAsync);

        var run = await FindAsync(database, old.Header.Id);
        Assert.Equal((RunStatus.Running, 1, 0), (run.Status, run.Signals.Count, run.Waits.Count));
        Assert.Null(await database.Runs.FindOutputAsync(run.Header.Id, "large", 1, Token));
    }

    [Fact]
    public async Task A_large_output_is_stored_apart_and_its_entry_says_how_long_it_is()
    {
        await using var database = Open();
        var log = new RunLog(database.Queue, Header(), 1, isNew: true);
        var step = LargeStep();
        log.AppendStep(step);
        log.AppendStep(step with { Key = "small", Output = "1"u8.ToArray() });
        await log.DurableAsync();

        var record = await FindAsync(database, log.Header.Id);
        var entries = JournalEntryReader.Read(record.Entries).Cast<JournalEntry.Step>().ToArray();

        Assert.True(record.Entries.Length < 1000);
        Assert.Equal((0, step.Output.Length), (entries[0].Output.Length, entries[0].OutputBytes));
        Assert.Equal((1, null), (entries[1].Output.Length, entries[1].OutputBytes));
        Assert.Equal(step.Output.ToArray(), (await database.Runs.FindOutputAsync(log.Header.Id, "large", 1, Token))!.Value.ToArray());
        Assert.Null(await database.Runs.FindOutputAsync(log.Header.Id, "large", 2, Token));
        Assert.Null(await database.Runs.FindOutputAsync(log.Header.Id, "small", 1, Token));
    }

    [Fact]
    public async Task What_belongs_to_a_run_counts_in_its_size_and_is_deleted_with_it()
    {
        await using var database = Open();
        var log = new RunLog(database.Queue, Header(), 1, isNew: true);
        await log.DurableAsync();
        await database.Runs.SignalAsync(log.Header.Id, new Signal("ask", "{}"u8.ToArray(), Noon), Token);
        log.AppendStep(LargeStep());
        log.SetStatus(RunStatus.Succeeded, Noon);
        await log.DurableAsync();

        Assert.True((await database.Retention.SizesAsync([log.Header.Id], Token))[log.Header.Id] > StoredOutput.Threshold);
        Assert.Equal(1, await database.Retention.DeleteAsync([log.Header.Id], DateTimeOffset.MaxValue, Token));
        Assert.Null(await database.Runs.FindOutputAsync(log.Header.Id, "large", 1, Token));
    }

    [Theory]
    [InlineData("Queued", "Running")]
    [InlineData("Suspended", "Running")]
    [InlineData("Failed", "Failed")]
    [InlineData("Quarantined", "Quarantined")]
    public async Task A_run_that_has_not_ended_is_running_once_it_is_taken_over(string before, string after)
    {
        await using var database = Open();
        var id = await WriteAsync(database.Queue, status: Enum.Parse<RunStatus>(before));

        await database.Runs.TakeOverAsync([await FindAsync(database, id)], Token);

        Assert.Equal(Enum.Parse<RunStatus>(after), (await database.Runs.FindAsync(id, Token))!.Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_write_with_an_old_fencing_number_is_refused_and_leaves_no_trace(bool withStatus)
    {
        await using var database = Open();
        var old = new RunLog(database.Queue, Header(), 1, isNew: true);
        old.Append("old"u8);
        await old.DurableAsync();
        var taken = await database.Runs.TakeOverAsync([await FindAsync(database, old.Header.Id)], Token);

        old.Append("late"u8);
        if (withStatus)
        {
            old.SetStatus(RunStatus.Failed, Noon);
        }

        var other = WriteAsync(database.Queue);
        await Assert.ThrowsAsync<FencedException>(old.DurableAsync);
        await Assert.ThrowsAsync<FencedException>(old.DurableAsync);

        var owner = new RunLog(database.Queue, old.Header, taken[0].Fence, isNew: false);
        owner.Append("new"u8);
        await owner.DurableAsync();
        await other;
        var record = await database.Runs.FindAsync(old.Header.Id, Token);
        Assert.Equal("old\nnew\n", Text(record!));
        Assert.Equal(RunStatus.Running, record!.Status);
        Assert.True(database.Queue.IsWritable);
    }

    private static JournalEntry.Step LargeStep() => new("large", "http", StepStatus.Succeeded, 1, Noon, TimeSpan.Zero)
    {
        Output = Encoding.UTF8.GetBytes($"\"{new string('x', StoredOutput.Threshold)}\""),
    };

    private static async Task<RunRecord> FindAsync(IStorage storage, RunId id) => (await storage.Runs.FindAsync(id, Token))!;

    /// <summary>All pages of a selection.</summary>
    private static async Task<IReadOnlyList<RunId>> SelectAsync(IStorage storage, RunSelection selection, int limit = 100)
    {
        var found = new List<RunId>();
        for (var next = selection; next is not null;)
        {
            (var runs, next) = await storage.Runs.SelectAsync(next, limit, Token);
            found.AddRange(runs.Select(run => run.Header.Id));
        }

        return found;
    }

    private static string Text(RunRecord record) => Encoding.UTF8.GetString(record.Entries.Span);
}
