using Sluice.Engine.Plugins;

namespace Sluice.Engine.Tests.Plugins;

public class LeasesTests
{
    private readonly Leases _leases = new();

    [Fact]
    public void Calls_are_counted_while_they_are_in()
    {
        Assert.True(_leases.TryEnter());
        Assert.True(_leases.TryEnter());
        Assert.Equal(2, _leases.Count);

        _leases.Exit();
        Assert.Equal(1, _leases.Count);
    }

    [Fact]
    public void Draining_without_calls_is_complete_at_once()
    {
        Assert.False(_leases.Drained.IsCompleted);

        _leases.Drain();

        Assert.True(_leases.Drained.IsCompleted);
    }

    [Fact]
    public void Draining_completes_with_the_last_call()
    {
        _leases.TryEnter();
        _leases.TryEnter();
        _leases.Drain();

        _leases.Exit();
        Assert.False(_leases.Drained.IsCompleted);

        _leases.Exit();
        Assert.True(_leases.Drained.IsCompleted);
    }

    [Fact]
    public void A_call_that_was_let_in_before_stays_counted_and_no_other_gets_in()
    {
        _leases.TryEnter();
        _leases.Drain();

        Assert.False(_leases.TryEnter());

        Assert.Equal(1, _leases.Count);
        Assert.False(_leases.Drained.IsCompleted);
    }

    [Fact]
    public async Task Under_contention_nobody_is_in_once_it_has_drained()
    {
        var inside = 0;
        var started = new CountdownEvent(4);
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            started.Signal();
            while (_leases.TryEnter())
            {
                Interlocked.Increment(ref inside);
                Interlocked.Decrement(ref inside);
                _leases.Exit();
            }
        })).ToArray();
        started.Wait(TestContext.Current.CancellationToken);

        _leases.Drain();
        await _leases.Drained;

        Assert.Equal(0, Volatile.Read(ref inside));
        await Task.WhenAll(callers);
        Assert.Equal(0, _leases.Count);
    }
}
