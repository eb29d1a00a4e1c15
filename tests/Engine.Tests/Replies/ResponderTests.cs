using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Replies;

public sealed class ResponderTests
{
    private readonly Responder _responder = new(RunId.New(DateTimeOffset.UnixEpoch));

    [Fact]
    public async Task The_first_claim_wins_and_its_reply_is_the_answer_once_released()
    {
        Assert.True(_responder.IsWaiting);
        Assert.Null(_responder.TryClaim());
        Assert.False(_responder.IsWaiting);
        Assert.False(_responder.Answer.IsCompleted);

        _responder.Release(new Reply(201));

        Assert.Equal(201, Assert.IsType<Answer.Replied>(await _responder.Answer).Reply.Status);
        Assert.Contains("replies once", _responder.TryClaim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_claimed_caller_can_not_leave_the_reply_is_on_its_way()
    {
        _responder.TryClaim();

        Assert.False(_responder.TryExpire());
        Assert.False(_responder.TryHangUp());
        Assert.False(_responder.TryStop());
        _responder.Settle(new Answer.Acknowledged());
        Assert.False(_responder.Answer.IsCompleted);

        _responder.Abandon("the disk is full");
        Assert.Equal("the disk is full", Assert.IsType<Answer.NotDurable>(await _responder.Answer).Reason);
    }

    [Theory]
    [InlineData("expire", typeof(Answer.DeadlinePassed), "deadline")]
    [InlineData("hang up", typeof(Answer.CallerGone), "disconnected")]
    [InlineData("stop", typeof(Answer.Stopping), "stopping")]
    [InlineData("settle", typeof(Answer.Acknowledged), "default acknowledgement")]
    public async Task Who_comes_after_the_caller_has_left_is_told_why(string how, Type answer, string reason)
    {
        switch (how)
        {
            case "expire":
                Assert.True(_responder.TryExpire());
                break;
            case "hang up":
                Assert.True(_responder.TryHangUp());
                break;
            case "stop":
                Assert.True(_responder.TryStop());
                break;
            default:
                _responder.Settle(new Answer.Acknowledged());
                break;
        }

        Assert.IsType(answer, await _responder.Answer);
        Assert.Contains(reason, _responder.TryClaim(), StringComparison.Ordinal);
        Assert.False(_responder.TryExpire());
    }

    [Fact]
    public async Task Of_many_who_claim_at_once_one_wins()
    {
        var claims = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(_responder.TryClaim)));

        Assert.Single(claims, claim => claim is null);
    }

    [Fact]
    public void A_run_has_one_open_responder_until_it_is_closed()
    {
        var registry = new ResponderRegistry();
        var run = RunId.New(DateTimeOffset.UnixEpoch);
        var responder = registry.Open(run);

        Assert.Throws<InvalidOperationException>(() => registry.Open(run));
        Assert.Same(responder, registry.Find(run));
        registry.StopAll();
        Assert.False(responder.IsWaiting);
        registry.Close(responder);
        Assert.Null(registry.Find(run));
    }
}
