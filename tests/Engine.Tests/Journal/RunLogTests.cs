using System.Text;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Tests.Journal;

public class RunLogTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly HandWriter _journal = new();

    [Fact]
    public void What_is_appended_after_the_commit_and_before_the_writer_comes_travels_along()
    {
        var log = NewLog();
        log.Append("1"u8);
        var durable = log.DurableAsync();
        log.Append("2"u8);

        var write = _journal.TakeNext();

        Assert.Equal("1\n2\n", Encoding.UTF8.GetString(write.EntryBytes));
        Assert.False(durable.IsCompleted);
        write.Settle(null);
        write.Tell();
        Assert.True(durable.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_log_waits_for_the_writer_once_however_often_it_commits()
    {
        var log = NewLog();
        log.Commit();
        log.Append("1"u8);
        log.Commit();
        _ = log.DurableAsync();

        Assert.Single(_journal.Queue);
    }

    [Fact]
    public void What_is_appended_after_the_writer_came_needs_a_commit_of_its_own_and_gets_it()
    {
        var log = NewLog();
        log.Commit();
        var first = _journal.TakeNext();
        log.Append("2"u8);
        var durable = log.DurableAsync();

        first.Settle(null);
        first.Tell();

        Assert.False(durable.IsCompleted);
        var second = _journal.TakeNext();
        Assert.False(second.IsFirst);
        Assert.Equal("2\n", Encoding.UTF8.GetString(second.EntryBytes));
    }

    [Fact]
    public void A_barrier_with_nothing_new_waits_for_what_is_on_its_way()
    {
        var log = NewLog();
        log.Commit();
        var write = _journal.TakeNext();

        var durable = log.DurableAsync();

        Assert.False(durable.IsCompleted);
        write.Settle(null);
        write.Tell();
        Assert.True(durable.IsCompletedSuccessfully);
        Assert.Empty(_journal.Queue);
    }

    [Fact]
    public async Task A_log_that_failed_is_dead()
    {
        var log = NewLog();
        log.Append("1"u8);
        var waiting = log.DurableAsync();
        log.Fail(new JournalUnavailableException("full"));

        await Assert.ThrowsAsync<JournalUnavailableException>(() => waiting);
        log.Append("2"u8);
        await Assert.ThrowsAsync<JournalUnavailableException>(log.DurableAsync);
        Assert.Null(log.Take());
    }

    [Fact]
    public async Task Appends_from_many_threads_are_all_written_each_in_one_piece()
    {
        var log = NewLog();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(
            () =>
            {
                for (var i = 0; i < 500; i++)
                {
                    log.Append(new JournalEntry.Warning($"{thread}/{i}", At));
                    log.Commit();
                }
            })));

        var read = JournalEntryReader.Read(_journal.TakeNext().EntryBytes.ToArray());

        Assert.Equal(4000, read.Cast<JournalEntry.Warning>().Select(warning => warning.Message).Distinct().Count());
        Assert.Empty(_journal.Queue);
    }

    [Fact]
    public void An_observer_that_asks_for_no_commit_hears_of_the_one_that_comes()
    {
        var log = NewLog();
        var heard = new Heard();
        log.Observe(heard);
        Assert.Empty(_journal.Queue);

        log.Commit();
        var write = _journal.TakeNext();
        write.Settle(null);
        write.Tell();

        Assert.True(heard.IsDurable);
    }

    [Fact]
    public void Who_can_wait_is_queued_once_and_called_once_when_somebody_cannot()
    {
        var log = NewLog();
        log.Notify(new Heard(), canWait: true);
        log.Notify(new Heard(), canWait: true);
        Assert.Equal([true], _journal.Patience);
        Assert.Equal(0, _journal.Hurries);

        log.Notify(new Heard());
        log.Notify(new Heard());
        log.Hurry();

        Assert.Single(_journal.Queue);
        Assert.Equal(1, _journal.Hurries);
    }

    [Fact]
    public void Room_for_entries_is_lent_anew_empty_once_they_are_written()
    {
        var first = NewLog();
        first.Append(new JournalEntry.Warning("one", At));
        first.Commit();
        var written = _journal.TakeNext();
        var lent = written.Entries;
        written.ReturnBuffer();
        Assert.True(written.EntryBytes.IsEmpty);

        var second = NewLog();
        second.Append(new JournalEntry.Warning("two", At));
        second.Commit();
        var next = _journal.TakeNext();

        Assert.Same(lent, next.Entries);
        Assert.Equal("two", Assert.IsType<JournalEntry.Warning>(Assert.Single(JournalEntryReader.Read(next.EntryBytes.ToArray()))).Message);
    }

    [Fact]
    public void Room_that_grew_large_is_not_kept()
    {
        var log = NewLog();
        log.Append(new JournalEntry.Warning(new string('x', 100_000), At));
        log.Commit();
        var written = _journal.TakeNext();
        var large = written.Entries;
        written.ReturnBuffer();

        Assert.NotSame(large, _journal.Buffers.Get());
    }

    [Fact]
    public void Nobody_hurries_for_what_is_not_queued_or_was_called_at_once()
    {
        var log = NewLog();
        log.Hurry();
        log.Notify(new Heard());
        log.Hurry();

        Assert.Equal([false], _journal.Patience);
        Assert.Equal(0, _journal.Hurries);
    }

    private RunLog NewLog() => new(_journal, new RunHeader(RunId.New(At), "w", 1, "webhook", At, default, default), 1, isNew: true);

    private sealed class Heard : IDurabilityObserver
    {
        public bool IsDurable { get; private set; }

        public void OnSettled(Exception? failure) => IsDurable = failure is null;
    }
}
