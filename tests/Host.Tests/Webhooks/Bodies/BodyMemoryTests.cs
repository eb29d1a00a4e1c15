using Sluice.Host.Webhooks.Bodies;

namespace Sluice.Host.Tests.Webhooks.Bodies;

public sealed class BodyMemoryTests
{
    private readonly BodyMemory _memory = new(100_000);

    [Fact]
    public void A_small_body_is_not_counted()
    {
        using var share = _memory.NewShare();

        Assert.True(share.TryAdd(10_000));
        Assert.True(share.TryGrowTo(BodyMemory.UncountedBytes));

        Assert.Equal(0, _memory.Held);
    }

    [Fact]
    public void A_body_that_comes_in_small_pieces_is_counted_as_a_whole_once_it_is_large_and_not_once_it_is_small_again()
    {
        using var share = _memory.NewShare();

        Assert.True(share.TryAdd(10_000));
        Assert.True(share.TryAdd(10_000));
        Assert.Equal(20_000, _memory.Held);

        share.ShrinkTo(10_000);
        Assert.Equal(0, _memory.Held);
    }

    [Fact]
    public void A_body_that_grows_is_counted_as_a_whole_and_once()
    {
        using var share = _memory.NewShare();

        Assert.True(share.TryGrowTo(20_000));
        Assert.True(share.TryGrowTo(20_000));
        Assert.True(share.TryGrowTo(50_000));

        Assert.Equal(50_000, _memory.Held);
    }

    [Fact]
    public void Beyond_the_bound_nothing_more_is_taken_and_what_was_taken_stays()
    {
        using var first = _memory.NewShare();
        using var second = _memory.NewShare();
        Assert.True(first.TryGrowTo(70_000));

        Assert.False(second.TryGrowTo(30_001));
        Assert.False(second.TryAdd(30_001));
        Assert.Equal(70_000, _memory.Held);

        Assert.True(second.TryGrowTo(30_000));
        Assert.Equal(100_000, _memory.Held);
    }

    [Fact]
    public void What_a_share_no_longer_needs_is_there_for_others()
    {
        var first = _memory.NewShare();
        Assert.True(first.TryGrowTo(90_000));

        first.ShrinkTo(40_000);
        Assert.Equal(40_000, _memory.Held);
        first.Dispose();
        first.Dispose();

        Assert.Equal(0, _memory.Held);
    }

    [Fact]
    public async Task Large_bodies_take_turns_and_whoever_has_the_turn_does_not_wait_again()
    {
        var memory = new BodyMemory(100_000, turns: 1);
        var (first, second) = (memory.NewShare(), memory.NewShare());
        await first.TakeTurnAsync(TestContext.Current.CancellationToken);
        await first.TakeTurnAsync(TestContext.Current.CancellationToken);

        var waiting = second.TakeTurnAsync(TestContext.Current.CancellationToken).AsTask();
        Assert.False(waiting.IsCompleted);
        first.EndTurn();
        first.EndTurn();

        await waiting.WaitAsync(TestHost.Patience, TestContext.Current.CancellationToken);
        Assert.False(first.TakeTurnAsync(TestContext.Current.CancellationToken).AsTask().IsCompleted);
    }
}
