using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Engine.Checking;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Plugins;
using Sluice.Engine.Publishing;
using Sluice.Engine.Tests.Checking;

namespace Sluice.Engine.Tests.Publishing;

/// <summary>What a start believes of an earlier one, and what it checks again. Whether it reads a text shows where that was spoilt in the store meanwhile.</summary>
public sealed class CheckRecordTests
{
    private const string Spoilt = "no workflow at all";

    private readonly MemoryWorkflowStore _store = new();
    private readonly TestCatalog _catalog = new();
    private readonly FakeTimeProvider _time = new();
    private string[] _secrets = ["key"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_text_that_passed_is_not_read_again_while_nothing_it_was_checked_against_changed()
    {
        await PublishAsync();
        _store.Spoil("orders", stored => stored with { Text = Spoilt });

        using var next = await StartAsync();

        Assert.True(next.State("orders")!.IsLive);
        Assert.Equal("orders", next.Match("POST", "/orders/7").Value?.Name);
    }

    [Fact]
    public async Task A_text_is_checked_again_where_its_plugin_has_another_hash()
    {
        await PublishAsync();
        _store.Spoil("orders", stored => stored with { Text = Spoilt });
        _catalog.Add(new ReplyNode(), hash: "another");

        using var next = await StartAsync();

        Assert.False(next.State("orders")!.IsLive);
    }

    [Fact]
    public async Task A_text_that_still_passes_with_another_hash_is_pinned_to_that_and_believed_from_then_on()
    {
        await PublishAsync();
        _catalog.Add(new ReplyNode(), hash: "another");
        using (var second = await StartAsync())
        {
            Assert.True(second.State("orders")!.IsLive);
        }

        _store.Spoil("orders", stored => stored with { Text = Spoilt });
        using var third = await StartAsync();

        Assert.True(third.State("orders")!.IsLive);
        Assert.Equal("another", Assert.Single(third.State("orders")!.Uses).Pin.Plugin.Hash);
    }

    [Fact]
    public async Task A_text_is_checked_again_where_nothing_is_on_record_and_the_record_is_made_up()
    {
        await PublishAsync();
        _store.Spoil("orders", stored => stored with { Check = null });

        using var next = await StartAsync();

        Assert.True(next.State("orders")!.IsLive);
        Assert.NotNull((await _store.FindAsync("orders", 1, Cancel))!.Check);
    }

    [Fact]
    public async Task A_text_is_checked_again_where_a_secret_that_it_reads_is_gone()
    {
        await PublishAsync();
        _secrets = [];

        using var next = await StartAsync();

        Assert.False(next.State("orders")!.IsLive);
        Assert.Equal("unknown-secret", Assert.Single(next.State("orders")!.Problems).Rule);
    }

    [Fact]
    public async Task A_text_compiled_at_its_first_use_is_what_it_was_when_it_was_published()
    {
        using var first = await PublishAsync();
        var published = first.Find("orders")!;

        using var next = await StartAsync();
        var used = next.Find("orders")!;

        Assert.Equal((published.Version, published.Compiled.Replies, published.Compiled.Webhook!.Path), (used.Version, used.Compiled.Replies, used.Compiled.Webhook!.Path));
        Assert.Equal(published.Compiled.Secrets, used.Compiled.Secrets);
        Assert.Equal(published.Compiled.Steps.Select(step => step.Key), used.Compiled.Steps.Select(step => step.Key));
        Assert.Same(used, next.Find("orders"));
        Assert.Same(used, next.Ready(next.Match("POST", "/orders/7").Value!));
    }

    [Fact]
    public async Task A_text_that_does_not_compile_at_its_first_use_is_refused_with_its_reason()
    {
        await PublishAsync();
        _store.Spoil("orders", stored => stored with { Text = Spoilt });
        using var next = await StartAsync();
        var entry = next.Match("POST", "/orders/7").Value!;

        Assert.Null(next.Ready(entry));

        Assert.Contains("A workflow must be an object", WorkflowRegistry.WhyNot(entry), StringComparison.Ordinal);
        Assert.Null(next.Match("POST", "/orders/7").Value);
        Assert.Contains("A workflow must be an object", Assert.Single(next.State("orders")!.Problems).Message, StringComparison.Ordinal);
        Assert.Equal("orders", Assert.Single(next.Refused).Workflow);
    }

    [Fact]
    public async Task A_workflow_whose_plugin_goes_before_its_first_use_is_held()
    {
        await PublishAsync();
        using var next = await StartAsync();
        _catalog.Remove("reply");

        Assert.Null(next.Find("orders"));

        Assert.NotNull(next.State("orders")!.Held);
        Assert.Equal("orders", next.Match("POST", "/orders/7").Value?.Name);
    }

    [Fact]
    public void A_record_comes_back_as_it_was_written()
    {
        var record = new CheckRecord(CodeStamp.Current, new WebhookRoute("/orders/{id}", ["POST", "PUT"]), ["key", "other"])
        {
            Retention = new RetentionSettings(TimeSpan.FromDays(7), null, 5_000_000_000),
        };

        var read = CheckRecord.Read(record.Write())!;

        Assert.Equal((record.By, record.Route!.Path), (read.By, read.Route!.Path));
        Assert.Equal(record.Route.Methods, read.Route.Methods);
        Assert.Equal(record.Secrets, read.Secrets);
        Assert.Equal(record.Retention, read.Retention);
        Assert.Null(CheckRecord.Read(new CheckRecord(CodeStamp.Current, null, []).Write())!.Route);
    }

    [Fact]
    public async Task The_retention_of_a_text_is_known_whether_it_is_on_record_or_passes_no_more()
    {
        var settings = new RetentionSettings(TimeSpan.FromDays(365), 10, 2 * 1024 * 1024);
        await PublishAsync("retention: { days: 365, runs: 10, megabytes: 2 }\n");
        var stored = (await _store.FindAsync("orders", 1, Cancel))!;

        Assert.Equal(settings, stored.Check!.Retention);
        Assert.Equal(settings, (stored with { Text = Spoilt }).ReadRetention());
        Assert.Equal(settings, (stored with { Check = null }).ReadRetention());
    }

    [Fact]
    public void A_record_of_other_code_counts_for_nothing() =>
        Assert.Null(CheckRecord.Read(new CheckRecord("an older build", new WebhookRoute("/orders", ["POST"]), []).Write()));

    private async Task<WorkflowRegistry> PublishAsync(string more = "")
    {
        var registry = Registry();
        const string Text = """
            name: orders
            trigger: { type: webhook, config: { path: "/orders/{id}" } }
            steps:
              - { key: answer, type: reply, config: { status: 200, body: "{{ secrets.key }}" } }
            """;
        Assert.Empty((await registry.PublishAsync(new Submission(more + Text, WorkflowRegistry.Api), Cancel)).Problems);
        return registry;
    }

    private async Task<WorkflowRegistry> StartAsync()
    {
        var registry = Registry();
        await registry.LoadAsync(Cancel);
        return registry;
    }

    private WorkflowRegistry Registry() => new(
        _store, new WorkflowChecker(_catalog, () => _secrets), _time, NullLogger.Instance);
}
