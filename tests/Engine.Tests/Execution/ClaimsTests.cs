using System.Collections.Concurrent;
using CsCheck;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Tests.Storage.Sqlite;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution;

/// <summary>Deliveries under a key: which of them starts a run, and what the others are told. A crash here is a journal that is closed under a run.</summary>
public sealed partial class ClaimsTests : IDisposable
{
    private const string Reply = "  - { key: answer, type: reply, config: { text: \"{{ run.id }}\" } }";
    private const string ReplyAfterWait = $"  - {{ key: work, type: wait }}\n{Reply}";

    private static readonly NodeFailure Mismatch = new("mismatch", "another payload");

    private readonly DataDirectory _directory = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _gate.TrySetResult();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_run_with_a_key_costs_one_commit_where_one_without_costs_one()
    {
        await using var stage = new Stage(_directory);
        const string steps = "  - { key: enough, type: end }\n" + Reply;
        var before = stage.Commits;

        var (run, _) = await DeliverAsync(stage, steps, "a");
        await stage.EndOfAsync(run);

        Assert.Equal(1, stage.Commits - before);
        Assert.Equal(0, stage.Claims.PendingCount);
    }

    [Fact]
    public async Task Of_many_deliveries_at_once_under_a_few_keys_each_key_starts_one_run_and_all_get_its_reply()
    {
        await using var stage = new Stage(_directory);

        var told = await Task.WhenAll(Enumerable.Range(0, 200).Select(number => Task.Run(
            async () => (Key: number % 7, Delivery: await DeliverAsync(stage, Reply, $"{number % 7}")), Token)));

        foreach (var key in told.GroupBy(delivery => delivery.Key))
        {
            var run = Assert.Single(key.Select(delivery => delivery.Delivery.Run).Distinct());
            Assert.All(key, delivery => Assert.Equal(run.ToString(), Text(delivery.Delivery.Answer)));
        }

        Assert.Equal(7, (await stage.Runs.ListAsync(new RunFilter(Limit: 1000), Token)).Count);
        Assert.Equal((0, 0), (stage.Claims.PendingCount, stage.Runner.Watch.Count));
    }

    [Fact]
    public void However_deliveries_of_any_keys_and_payloads_mix_the_first_payload_of_a_key_wins() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 2], Gen.Bool).Array[1, 24].Sample(
            deliveries =>
            {
                using var directory = new DataDirectory();
                DeliverAllAsync(directory, deliveries).GetAwaiter().GetResult();
            },
            iter: 25,
            threads: 1);

    [Fact]
    public async Task A_delivery_that_comes_while_the_first_runs_waits_with_it()
    {
        await using var stage = new Stage(_directory, Waits());
        var first = DeliverAsync(stage, ReplyAfterWait, "a");
        await _entered.Task.WaitAsync(Token);

        var second = DeliverAsync(stage, ReplyAfterWait, "a");
        Assert.False(second.IsCompleted);
        _gate.SetResult();

        Assert.Equal(Text((await first).Answer), Text((await second).Answer));
        Assert.Equal((await first).Run, (await second).Run);
    }

    [Fact]
    public async Task Another_payload_under_the_key_is_told_apart_even_while_the_first_runs()
    {
        await using var stage = new Stage(_directory, Waits());
        var first = DeliverAsync(stage, ReplyAfterWait, "a");
        await _entered.Task.WaitAsync(Token);

        Assert.Equal(Mismatch, Assert.IsType<Answer.Failed>((await DeliverAsync(stage, ReplyAfterWait, "a", payload: "other")).Answer).Failure);
        _gate.SetResult();
        await first;
        Assert.Equal(Mismatch, Assert.IsType<Answer.Failed>((await DeliverAsync(stage, ReplyAfterWait, "a", payload: "other")).Answer).Failure);
    }

    [Fact]
    public async Task A_repeat_that_is_impatient_finds_the_reply_the_next_time()
    {
        await using var stage = new Stage(_directory, Waits());
        var first = DeliverAsync(stage, ReplyAfterWait, "a");
        await _entered.Task.WaitAsync(Token);

        var impatient = DeliverAsync(stage, ReplyAfterWait, "a", patience: TimeSpan.FromMilliseconds(500));
        // Far from the step's own timeout, however late the turn of the clock is heard.
        await stage.TurnUntilAsync(impatient, TimeSpan.FromMilliseconds(1));
        Assert.Null((await impatient).Answer);

        _gate.SetResult();
        await first;
        Assert.Equal(Text((await first).Answer), Text((await DeliverAsync(stage, ReplyAfterWait, "a")).Answer));
    }

    [Fact]
    public async Task A_reply_that_comes_after_its_caller_is_gone_is_kept_for_the_repeat()
    {
        await using var stage = new Stage(_directory, Waits());
        var responder = await StartAsync(stage, ReplyAfterWait, "a");
        await _entered.Task.WaitAsync(Token);
        Assert.True(responder.TryHangUp());

        _gate.SetResult();
        var run = await stage.EndOfAsync(responder.Run);

        Assert.False(run.OutputJson("answer").GetProperty("sent").GetBoolean());
        Assert.EndsWith("The reply is kept for those who ask for it later.", run.OutputJson("answer").GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Empty(run.Warnings());
        Assert.Equal(responder.Run.ToString(), Text((await DeliverAsync(stage, ReplyAfterWait, "a")).Answer));
    }

    [Fact]
    public async Task After_a_crash_before_the_reply_a_repeat_waits_with_the_run_that_recovery_takes_up()
    {
        RunId run;
        await using (var stage = new Stage(_directory, FakeNode.Waits(new TaskCompletionSource().Task, _entered)))
        {
            run = (await StartAsync(stage, ReplyAfterWait, "a")).Run;
            await _entered.Task.WaitAsync(Token);
        }

        _gate.SetResult();
        await using var next = new Stage(_directory, Waits());
        next.Workflow(ReplyAfterWait);
        var repeat = DeliverAsync(next, ReplyAfterWait, "a");
        Assert.False(repeat.IsCompleted);
        Assert.Equal(1, await next.Recovery.SweepAsync(Token));

        Assert.Equal((run, run.ToString()), ((await repeat).Run, Text((await repeat).Answer)));
        Assert.Single((await next.EndOfAsync(run)).All().OfType<JournalEntry.Replied>());
    }

    [Fact]
    public async Task After_a_restart_a_repeat_gets_the_reply_with_status_headers_and_bytes()
    {
        var rich = new FakeNode("rich", Effect.Reply, async (_, context, token) =>
        {
            await context.Responder.ReplyAsync(
                new Reply(201, new byte[] { 0, 255, 10 }) { ContentType = "image/x", Headers = [new("set-cookie", "a=1"), new("set-cookie", "b=2")] }, token);
            return new NodeResult.Completed("{}"u8.ToArray());
        });
        Reply first;
        await using (var stage = new Stage(_directory, rich))
        {
            first = Assert.IsType<Answer.Replied>((await DeliverAsync(stage, "  - { key: answer, type: rich }", "a")).Answer).Reply;
        }

        await using var next = new Stage(_directory, rich);
        var again = Assert.IsType<Answer.Replied>((await DeliverAsync(next, "  - { key: answer, type: rich }", "a")).Answer).Reply;

        Assert.Equal((first.Status, first.ContentType), (again.Status, again.ContentType));
        Assert.Equal(first.Headers, again.Headers);
        Assert.Equal(first.Body.ToArray(), again.Body.ToArray());
    }

    [Fact]
    public async Task A_workflow_that_replies_nothing_acknowledges_its_repeats_at_once_too()
    {
        await using var stage = new Stage(_directory, Waits());
        const string steps = "  - { key: work, type: wait }\n  - { key: bad, type: fail }";
        var first = await DeliverAsync(stage, steps, "a");
        await _entered.Task.WaitAsync(Token);

        Assert.Equal(first, await DeliverAsync(stage, steps, "a"));
        Assert.IsType<Answer.Acknowledged>(first.Answer);
        _gate.SetResult();
        Assert.Equal(RunStatus.Failed, (await stage.EndOfAsync(first.Run)).Status);
        Assert.Equal(first, await DeliverAsync(stage, steps, "a"));
    }

    [Fact]
    public async Task A_run_that_ended_well_without_a_reply_is_acknowledged_again()
    {
        await using var stage = new Stage(_directory);
        const string steps = "  - { key: enough, type: end }\n" + Reply;

        var first = await DeliverAsync(stage, steps, "a");

        Assert.IsType<Answer.Acknowledged>(first.Answer);
        Assert.Equal(first, await DeliverAsync(stage, steps, "a"));
    }

    [Fact]
    public async Task A_run_that_failed_for_good_fails_its_repeats_and_does_nothing_again()
    {
        var calls = 0;
        var bad = new FakeNode("bad", Effect.External, (_, _, _) =>
        {
            calls++;
            return ValueTask.FromResult<NodeResult>(new NodeResult.Failed(new NodeFailure(FailureKind.Refused, "no")));
        });
        await using var stage = new Stage(_directory, bad);
        const string steps = "  - { key: work, type: bad }\n" + Reply;

        var first = await DeliverAsync(stage, steps, "a");
        var second = await DeliverAsync(stage, steps, "a");

        Assert.Equal(first.Run, second.Run);
        Assert.Equal(Assert.IsType<Answer.Failed>(first.Answer).Failure, Assert.IsType<Answer.Failed>(second.Answer).Failure);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_run_whose_failure_may_be_over_is_gone_on_with_once_for_all_repeats_that_come_together()
    {
        var keys = new ConcurrentQueue<string>();
        var flaky = new FakeNode("flaky", Effect.External, async (_, context, token) =>
        {
            keys.Enqueue(context.IdempotencyKey);
            if (context.Attempt > 1)
            {
                await _gate.Task.WaitAsync(token);
                return new NodeResult.Completed("{}"u8.ToArray());
            }

            return new NodeResult.Failed(new NodeFailure(FailureKind.Unavailable, "down", Retryable: true));
        });
        await using var stage = new Stage(_directory, flaky);
        const string steps = "  - { key: work, type: flaky }\n" + Reply;
        var first = await DeliverAsync(stage, steps, "a");
        Assert.IsType<Answer.Failed>(first.Answer);

        var repeats = Enumerable.Range(0, 5).Select(_ => Task.Run(() => DeliverAsync(stage, steps, "a"), Token)).ToArray();
        while (keys.Count < 2)
        {
            await Task.Yield();
        }

        _gate.SetResult();
        foreach (var repeat in await Task.WhenAll(repeats))
        {
            Assert.Equal((first.Run, first.Run.ToString()), (repeat.Run, Text(repeat.Answer)));
        }

        Assert.Equal([$"{first.Run}:work", $"{first.Run}:work"], keys);
    }

    [Fact]
    public async Task A_cancelled_run_stays_cancelled_for_its_repeats()
    {
        await using var stage = new Stage(_directory, Waits());
        var first = DeliverAsync(stage, ReplyAfterWait, "a");
        await _entered.Task.WaitAsync(Token);
        var repeat = DeliverAsync(stage, ReplyAfterWait, "a");
        await stage.Recovery.CancelAsync((await stage.Runs.ListAsync(new RunFilter(), Token))[0].Id, Token);

        Assert.All(
            [await first, await repeat, await DeliverAsync(stage, ReplyAfterWait, "a")],
            told => Assert.Equal(FailureKind.Cancelled, Assert.IsType<Answer.Failed>(told.Answer).Failure.Kind));
    }

    [Fact]
    public async Task A_run_that_could_not_be_stored_leaves_no_claim_and_its_key_starts_another()
    {
        await using var stage = new Stage(_directory);
        await stage.FillAsync();
        var large = $"\"{new string('x', 2_000_000)}\"";
        Assert.IsType<Answer.NotDurable>((await DeliverAsync(stage, Reply, "a", body: large)).Answer);
        Assert.Equal(0, stage.Claims.PendingCount);

        stage.MakeRoom();
        while (!stage.Queue.IsWritable)
        {
            stage.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        var (run, answer) = await DeliverAsync(stage, Reply, "a", body: large);
        Assert.Equal(run.ToString(), Text(answer));
        Assert.Single(await stage.Runs.ListAsync(new RunFilter(), Token));
    }

    [Fact]
    public async Task A_place_that_is_given_up_lets_the_next_one_be_the_first()
    {
        await using var stage = new Stage(_directory);
        var first = Assert.IsType<Claimed.First>(await stage.Claims.TakeAsync(Claim("a"), Token));
        var waiting = stage.Claims.TakeAsync(Claim("a"), Token);
        Assert.False(waiting.IsCompleted);

        first.Place.Dispose();

        Assert.IsType<Claimed.First>(await waiting).Place.Dispose();
        Assert.Equal(0, stage.Claims.PendingCount);
    }

    [Fact]
    public async Task A_reply_that_held_a_secret_is_not_given_again_with_the_secret_gone()
    {
        await using var stage = new Stage(_directory);
        const string steps = "  - { key: answer, type: reply, config: { text: \"{{ secrets.token }}\" } }";
        Assert.Equal("hush-hush-9000", Text((await DeliverAsync(stage, steps, "a")).Answer));

        Assert.IsType<Answer.NotKept>((await DeliverAsync(stage, steps, "a")).Answer);
    }

    [Fact]
    public async Task A_key_starts_another_run_when_its_retention_is_over()
    {
        await using var stage = new Stage(_directory);
        var first = await DeliverAsync(stage, Reply, "a");
        stage.Time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromTicks(1));
        Assert.Equal(first.Run, (await DeliverAsync(stage, Reply, "a")).Run);
        // A key stays with its run as long as that is under way, which its answer may come a moment before the end of.
        await Stage.UntilAsync(() => stage.Runner.ActiveCount == 0);

        stage.Time.Advance(TimeSpan.FromTicks(1));

        Assert.NotEqual(first.Run, (await DeliverAsync(stage, Reply, "a")).Run);
    }
}
