using Microsoft.Extensions.ObjectPool;
using Sluice.Engine.Journal;
using Sluice.Engine.Tests.Storage.Sqlite;

namespace Sluice.Engine.Tests.Journal;

public sealed class PendingCommitsTests
{
    private readonly PendingCommits _queue = new();
    private readonly ObjectPool<EntryBuffer> _buffers = EntryBuffer.NewPool();
    private List<RunLog> _logs = [];
    private List<WriteJob> _jobs = [];
    private List<PendingWrite> _settled = [];

    [Fact]
    public void News_comes_with_whatever_the_writer_is_to_do()
    {
        var write = Settled();
        Assert.True(_queue.TryAdd(write));
        Assert.Null(_queue.TryAdd(new NoJob()));

        Assert.Equal(WriterTask.Write, Take());
        Assert.Single(_jobs);
        Assert.Equal([write], _settled);
    }

    [Fact]
    public void News_alone_is_no_reason_to_write()
    {
        _queue.TryAdd(Settled());

        Assert.Equal(WriterTask.Tell, Take());
        Assert.Single(_settled);
    }

    [Fact]
    public void A_probe_is_not_kept_waiting_by_news_that_never_ends()
    {
        _queue.TryAdd(Settled());
        _queue.AskForProbe();

        Assert.Equal(WriterTask.Probe, Take());
        Assert.Single(_settled);
    }

    [Fact]
    public void The_end_comes_when_all_is_told_and_who_comes_later_tells_it_himself()
    {
        _queue.TryAdd(Settled());
        _queue.AskForProbe();
        _queue.End(new JournalUnavailableException("The host is stopping."));

        Assert.Equal(WriterTask.Tell, Take());
        Assert.True(_queue.TryAdd(Settled()));
        Assert.Equal(WriterTask.Tell, Take());
        Assert.Equal(WriterTask.End, Take());
        Assert.False(_queue.TryAdd(Settled()));
    }

    [Fact]
    public void A_lone_run_leaves_the_news_to_the_writer()
    {
        _queue.TryAdd(Settled());
        Assert.Null(_queue.TryAdd(new RunLog(new HandWriter(), DataDirectory.Header(), 1, isNew: true), canWait: false));

        Assert.True(_queue.TryTakeLoneRun(ref _logs, ref _jobs));
        Assert.Single(_logs);
        _logs.Clear();
        _queue.GiveBack();

        Assert.Equal(WriterTask.Tell, Take());
        Assert.Single(_settled);
    }

    private WriterTask Take()
    {
        _logs.Clear();
        _jobs.Clear();
        _settled.Clear();
        return _queue.Take(ref _logs, ref _jobs, ref _settled);
    }

    private PendingWrite Settled()
    {
        var write = new PendingWrite(_buffers) { IsFirst = false };
        write.Settle(null);
        return write;
    }

    private sealed class NoJob : WriteJob
    {
        public override void Perform()
        {
        }

        public override void Settle()
        {
        }

        public override void Fail(Exception failure)
        {
        }
    }
}
