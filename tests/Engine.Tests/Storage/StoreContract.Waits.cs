using System.Text;
using Sluice.Engine.Journal;
using Sluice.Engine.Storage;
using Sluice.Engine.Tests.Journal;
using static Sluice.Engine.Tests.Storage.Sqlite.DataDirectory;

namespace Sluice.Engine.Tests.Storage;

/// <content>What suspended runs wait for, and the signals of runs.</content>
public abstract partial class StoreContract
{
    [Fact]
    public async Task Suspended_runs_are_found_when_they_are_due_and_wait_for_nothing_once_they_are_taken_over()
    {
        await using var database = Open();
        var late = await SuspendAsync(database, new Wait("a", 1) { DueAt = Noon.AddHours(2) });
        var early = await SuspendAsync(database, new Wait("a", 1) { DueAt = Noon.AddHours(1) }, new Wait("b", 1) { DueAt = Noon.AddHours(3) });

        Assert.Equal(Noon.AddHours(1), await database.Runs.NextDueAsync(Noon, Token));
        Assert.Empty(await SelectAsync(database, new RunSelection.Due(Noon.AddHours(1).AddTicks(-1))));
        Assert.Equal([early], await SelectAsync(database, new RunSelection.Due(Noon.AddHours(1))));
        Assert.Equal([early, late], await SelectAsync(database, new RunSelection.Due(Noon.AddHours(4))));

        await database.Runs.TakeOverAsync([await FindAsync(database, early)], Token);

        Assert.Equal([late], await SelectAsync(database, new RunSelection.Due(Noon.AddHours(4))));
        Assert.Equal(Noon.AddHours(2), await database.Runs.NextDueAsync(Noon, Token));
        Assert.Null(await database.Runs.NextDueAsync(Noon.AddHours(2), Token));
        Assert.Empty((await FindAsync(database, early)).Waits);
    }

    [Fact]
    public async Task Runs_that_are_due_come_in_pages_that_end_though_none_is_taken_over()
    {
        await using var database = Open();
        var runs = new List<RunId>();
        for (var i = 0; i < 5; i++)
        {
            runs.Add(await SuspendAsync(database, new Wait("a", 1) { DueAt = Noon }));
        }

        Assert.Equal(runs.Order(), (await SelectAsync(database, new RunSelection.Due(Noon), limit: 2)).Order());
    }

    [Fact]
    public async Task Runs_that_wait_for_a_plugin_are_found_by_its_name_and_are_never_due()
    {
        await using var database = Open();
        var http = await SuspendAsync(database, new Wait("", 1) { Plugin = "Http" });
        var data = await SuspendAsync(database, new Wait("", 1) { Plugin = "Data" });
        await SuspendAsync(database, new Wait("a", 1) { DueAt = Noon });

        Assert.Equal([http], await SelectAsync(database, new RunSelection.Held("Http")));
        Assert.Equal([http, data], await SelectAsync(database, new RunSelection.Held(), limit: 1));
        Assert.DoesNotContain(http, await SelectAsync(database, new RunSelection.Due(DateTimeOffset.MaxValue)));
    }

    [Fact]
    public async Task A_signal_makes_the_run_that_waits_for_it_due_at_once()
    {
        await using var database = Open();
        var run = await SuspendAsync(database, new Wait("ask", 1) { Signal = "ask", DueAt = Noon.AddDays(1) });
        var signal = new Signal("ask", "{}"u8.ToArray(), Noon);

        Assert.Equal(SignalResult.Awaited, await database.Runs.SignalAsync(run, signal, Token));

        Assert.Equal([run], await SelectAsync(database, new RunSelection.Due(Noon)));
        var received = Assert.Single((await FindAsync(database, run)).Signals);
        Assert.Equal(("ask", Noon, "{}"), (received.Name, received.At, Encoding.UTF8.GetString(received.Payload.Span)));
    }

    [Fact]
    public async Task A_signal_that_comes_before_its_wait_is_there_when_the_run_suspends()
    {
        await using var database = Open();
        var log = new RunLog(database.Queue, Header(), 1, isNew: true);
        await log.DurableAsync();
        Assert.Equal(SignalResult.Stored, await database.Runs.SignalAsync(log.Header.Id, new Signal("ask", default, Noon), Token));

        log.Suspend([new Wait("ask", 1) { Signal = "ask" }, new Wait("other", 1) { Signal = "other" }]);
        await log.DurableAsync();

        Assert.Equal([log.Header.Id], await SelectAsync(database, new RunSelection.Due(Noon)));
    }

    [Fact]
    public async Task A_signal_is_consumed_once_and_a_second_one_is_refused_before_and_after()
    {
        await using var database = Open();
        var log = new RunLog(database.Queue, Header(), 1, isNew: true);
        await log.DurableAsync();
        var signal = new Signal("ask", default, Noon);
        await database.Runs.SignalAsync(log.Header.Id, signal, Token);
        Assert.Equal(SignalResult.Repeated, await database.Runs.SignalAsync(log.Header.Id, signal, Token));

        log.Append(new JournalEntry.Woken("ask", "ask", default, Noon));
        await log.DurableAsync();

        Assert.Empty((await FindAsync(database, log.Header.Id)).Signals);
        Assert.Equal(SignalResult.Repeated, await database.Runs.SignalAsync(log.Header.Id, signal, Token));
        log.Suspend([new Wait("ask", 2) { Signal = "ask" }]);
        await log.DurableAsync();
        Assert.Empty(await SelectAsync(database, new RunSelection.Due(DateTimeOffset.MaxValue)));
    }

    [Fact]
    public async Task A_signal_for_a_run_that_has_ended_or_is_not_there_is_refused()
    {
        await using var database = Open();
        var ended = await WriteAsync(database.Queue, status: RunStatus.Failed);

        Assert.Equal(SignalResult.Ended, await database.Runs.SignalAsync(ended, new Signal("ask", default, Noon), Token));
        Assert.Equal(SignalResult.Unknown, await database.Runs.SignalAsync(RunId.New(Noon), new Signal("ask", default, Noon), Token));
    }

    [Fact]
    public async Task A_run_that_was_to_suspend_and_ended_first_waits_for_nothing()
    {
        await using var database = Open();
        var log = new RunLog(database.Queue, Header(), 1, isNew: true);
        log.Suspend([new Wait("a", 1) { DueAt = Noon }]);
        log.SetStatus(RunStatus.Cancelled, Noon);
        await log.DurableAsync();

        Assert.Empty(await SelectAsync(database, new RunSelection.Due(DateTimeOffset.MaxValue)));
        Assert.Equal(RunStatus.Cancelled, (await FindAsync(database, log.Header.Id)).Status);
    }

    private static async Task<RunId> SuspendAsync(IStorage storage, params Wait[] waits)
    {
        var log = new RunLog(storage.Queue, Header(), 1, isNew: true);
        log.Suspend(waits);
        await log.DurableAsync();
        return log.Header.Id;
    }
}
