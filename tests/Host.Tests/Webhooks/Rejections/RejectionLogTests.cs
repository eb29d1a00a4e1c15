using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Engine.Compiled;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Journal;
using Sluice.Engine.Publishing;
using Sluice.Host.Webhooks;
using Sluice.Host.Webhooks.Bodies;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Tests.Webhooks.Rejections;

/// <summary>What is kept of refused requests, in quiet and in floods.</summary>
public sealed class RejectionLogTests : IRejectionStore
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private readonly List<IReadOnlyList<RejectedRequest>> _writes = [];
    private Exception? _failure;
    private int _sweeps;

    [Fact]
    public async Task Alike_refusals_are_one_with_a_count_and_both_times()
    {
        await using var log = Log();
        log.Add(Request("/hooks/a", "192.0.2.1"), RejectionReason.WrongSignature, "It is wrong.");
        _time.Advance(TimeSpan.FromMilliseconds(300));
        log.Add(Request("/hooks/a", "192.0.2.1"), RejectionReason.WrongSignature, "It is wrong.");
        log.Add(Request("/hooks/a", "192.0.2.2"), RejectionReason.WrongSignature, "It is wrong.");

        await log.WriteAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                new RejectedRequest("orders", "/hooks/a", "192.0.2.1", "wrong-signature", "It is wrong.", At(0), At(300), 2),
                new RejectedRequest("orders", "/hooks/a", "192.0.2.2", "wrong-signature", "It is wrong.", At(300), At(300), 1),
            ],
            Assert.Single(_writes));
    }

    [Fact]
    public async Task A_second_after_the_first_it_is_written_in_one_go()
    {
        await using var log = Log();
        log.Add(Request("/hooks/a", "192.0.2.1"), RejectionReason.WrongSignature, "It is wrong.");
        _time.Advance(TimeSpan.FromMilliseconds(999));
        log.Add(Request("/hooks/b", "192.0.2.1"), RejectionReason.WrongSignature, "It is wrong.");
        Assert.Empty(_writes);

        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(2, Assert.Single(_writes).Count);
    }

    [Fact]
    public async Task A_flood_from_everywhere_is_bounded_and_every_request_of_it_counted()
    {
        await using var log = Log();
        for (var i = 0; i < 10_000; i++)
        {
            log.Add(Request($"/hooks/{i}", $"192.0.{i / 256}.{i % 256}"), RejectionReason.WrongSignature, "It is wrong.");
        }

        await log.WriteAsync(TestContext.Current.CancellationToken);

        var written = Assert.Single(_writes);
        Assert.Equal(RejectionLog.MostApart + 1, written.Count);
        Assert.Equal(10_000, written.Sum(refusal => refusal.Count));
        Assert.Equal((null, null), (written[^1].Path, written[^1].RemoteIp));
        Assert.Equal(10_000, log.Counts.Single(count => count.Reason == RejectionReason.WrongSignature).Count);
    }

    [Fact]
    public async Task What_can_t_be_stored_now_is_stored_later_and_stays_bounded()
    {
        await using var log = Log();
        _failure = new JournalUnavailableException("The disk is full.");
        for (var round = 0; round < 5; round++)
        {
            for (var i = 0; i < 200; i++)
            {
                log.Add(Request($"/hooks/{round}/{i}", "192.0.2.1"), RejectionReason.WrongSignature, "It is wrong.");
            }

            await log.WriteAsync(TestContext.Current.CancellationToken);
        }

        _failure = null;
        _time.Advance(TimeSpan.FromSeconds(1));

        var written = Assert.Single(_writes);
        Assert.InRange(written.Count, 1, RejectionLog.MostApart + 1);
        Assert.Equal(1000, written.Sum(refusal => refusal.Count));
    }

    [Fact]
    public async Task What_was_refused_just_before_the_host_stops_is_on_record()
    {
        var log = Log();
        log.Add(Request("/hooks/a", "192.0.2.1"), RejectionReason.WrongSignature, "It is wrong.");

        await log.DisposeAsync();

        Assert.Single(Assert.Single(_writes));
    }

    [Fact]
    public async Task Age_is_looked_at_once_in_a_while_where_nobody_is_refused()
    {
        await using var log = Log();
        await log.WriteAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, _sweeps);

        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(1, _sweeps);
    }

    [Fact]
    public async Task A_path_without_end_is_cut()
    {
        await using var log = Log();
        log.Add(Request("/hooks/" + new string('x', 5000), "192.0.2.1"), RejectionReason.WrongSignature, "It is wrong.");

        await log.WriteAsync(TestContext.Current.CancellationToken);

        Assert.Equal(200, Assert.Single(Assert.Single(_writes)).Path!.Length);
    }

    ValueTask IRejectionStore.AddAsync(IReadOnlyList<RejectedRequest> refusals, RejectionRetention retention, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_failure is not null)
        {
            throw _failure;
        }

        if (refusals.Count > 0)
        {
            _writes.Add(refusals);
        }
        else
        {
            _sweeps++;
        }

        return ValueTask.CompletedTask;
    }

    ValueTask<IReadOnlyList<RejectedRequest>> IRejectionStore.ListAsync(RejectionFilter filter, CancellationToken cancellationToken) => new([]);

    private static DateTimeOffset At(int milliseconds) => DateTimeOffset.UnixEpoch.AddMilliseconds(milliseconds);

    private static WebhookRequest Request(string path, string address)
    {
        var http = new DefaultHttpContext();
        http.Request.Path = path;
        http.Connection.RemoteIpAddress = IPAddress.Parse(address);
        var (definition, _) = WorkflowReader.Read("name: orders\ntrigger: { type: webhook, config: { path: /a } }\nsteps: [ { key: a, type: stop } ]");
        return new WebhookRequest(
            http,
            new LiveWorkflow(
                new StoredWorkflow("orders", 1, "", "api", true, DateTimeOffset.UnixEpoch),
                new CompiledWorkflow
                {
                    Name = "orders",
                    Definition = definition!,
                    Webhook = new WebhookTrigger("/a", ["POST"], null),
                    Trigger = TriggerExpressions.None,
                    Steps = [],
                    Replies = false,
                    Secrets = [],
                }),
            [],
            new BodyMemory(1_000_000).NewShare());
    }

    private RejectionLog Log() => new(this, new RejectionRetention(100, TimeSpan.FromDays(30)), _time, NullLogger<RejectionLog>.Instance);
}
