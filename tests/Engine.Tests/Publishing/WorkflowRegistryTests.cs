using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Engine.Checking;
using Sluice.Engine.Publishing;
using Sluice.Engine.Tests.Checking;

namespace Sluice.Engine.Tests.Publishing;

public sealed class WorkflowRegistryTests : IDisposable
{
    private readonly MemoryWorkflowStore _store = new();
    private readonly TestCatalog _catalog = new();
    private readonly FakeTimeProvider _time = new();
    private readonly WorkflowRegistry _registry;

    public WorkflowRegistryTests() => _registry = Registry();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _registry.Dispose();

    [Fact]
    public async Task A_right_text_is_live_at_once()
    {
        var publication = await Publish(Text("orders", "/orders/{id}"));

        Assert.True(publication.IsNew);
        var match = _registry.Match("POST", "/orders/7");
        Assert.Equal(("orders", 1), (match.Value?.Name, match.Value?.Version));
        Assert.True(_registry.Ready(match.Value!)!.Compiled.Replies);
        Assert.Same(_registry.Ready(match.Value!), _registry.Find("orders"));
    }

    [Fact]
    public async Task The_same_text_again_is_no_new_version()
    {
        await Publish(Text("orders", "/orders"));
        var again = await Publish(Text("orders", "/orders"));

        Assert.False(again.IsNew);
        Assert.Equal(1, again.Stored?.Version);
        Assert.Equal(1, _store.Batches);
    }

    [Fact]
    public async Task A_wrong_text_changes_nothing()
    {
        await Publish(Text("orders", "/orders"));
        var wrong = await Publish(Text("orders", "/orders", node: "replly"));

        Assert.Equal("unknown-node", Assert.Single(wrong.Problems).Rule);
        Assert.Equal(1, _registry.Match("POST", "/orders").Value?.Version);
        Assert.Equal(1, _registry.State("orders")?.Stored.Version);
    }

    [Fact]
    public async Task A_changed_path_moves_the_route()
    {
        await Publish(Text("orders", "/old"));
        await Publish(Text("orders", "/new"));

        Assert.Null(_registry.Match("POST", "/old").Value);
        Assert.Equal(2, _registry.Match("POST", "/new").Value?.Version);
    }

    [Fact]
    public async Task The_second_workflow_on_a_path_is_refused_and_the_first_is_named()
    {
        await Publish(Text("first", "/orders/{id}"));
        var second = await Publish(Text("second", "/orders/new"));

        var problem = Assert.Single(second.Problems);
        Assert.Equal("route-taken", problem.Rule);
        Assert.Equal(
            "POST /orders/new is taken: the workflow 'first' listens to POST /orders/{id}. Choose another path or method, or disable 'first'.",
            problem.Message);
        Assert.NotNull(problem.At);
        Assert.Null(_registry.State("second"));
    }

    [Fact]
    public async Task Two_workflows_can_swap_their_paths_in_one_batch()
    {
        await Publish(Text("one", "/a"));
        await Publish(Text("two", "/b"));

        var outcomes = await PublishAll(Text("one", "/b"), Text("two", "/a"));

        Assert.All(outcomes, outcome => Assert.Empty(outcome.Problems));
        Assert.Equal("one", _registry.Match("POST", "/b").Value?.Name);
        Assert.Equal("two", _registry.Match("POST", "/a").Value?.Name);
    }

    [Fact]
    public async Task What_is_refused_in_a_batch_keeps_its_path_and_is_in_the_way_of_the_others()
    {
        await Publish(Text("one", "/a"));

        var outcomes = await PublishAll(Text("one", "/b", node: "nothing"), Text("two", "/a"), Text("three", "/c"));

        Assert.Equal(["unknown-node", "route-taken", null], outcomes.Select(outcome => outcome.Problems.FirstOrDefault()?.Rule));
        Assert.Equal("one", _registry.Match("POST", "/a").Value?.Name);
        Assert.Equal("three", _registry.Match("POST", "/c").Value?.Name);
    }

    [Fact]
    public async Task A_disabled_workflow_is_off_the_routes_and_can_be_found_for_its_runs()
    {
        await Publish(Text("orders", "/orders"));
        await _registry.SetEnabledAsync("orders", enabled: false, Cancel);

        Assert.Null(_registry.Match("POST", "/orders").Value);
        Assert.True(_registry.Match("POST", "/orders").Allowed.IsEmpty);
        Assert.Null(_registry.Find("orders"));
        Assert.NotNull((await _registry.FindVersionAsync("orders", 1, Cancel))?.Compiled);

        Assert.Empty((await _registry.SetEnabledAsync("orders", enabled: true, Cancel)).Problems);
        Assert.True(_registry.Match("POST", "/orders").Value?.Stored.Enabled);
    }

    [Fact]
    public async Task Enabling_is_refused_where_another_has_taken_the_path()
    {
        await Publish(Text("one", "/a"));
        await _registry.SetEnabledAsync("one", enabled: false, Cancel);
        await Publish(Text("two", "/a"));

        var change = await _registry.SetEnabledAsync("one", enabled: true, Cancel);

        Assert.Equal("route-taken", Assert.Single(change.Problems).Rule);
        Assert.Equal("two", _registry.Match("POST", "/a").Value?.Name);
    }

    [Fact]
    public async Task A_deleted_workflow_is_gone_and_its_versions_stay()
    {
        await Publish(Text("orders", "/orders"));
        Assert.Equal(WorkflowChange.Done, await _registry.DeleteAsync("orders", Cancel));

        Assert.Null(_registry.Match("POST", "/orders").Value);
        Assert.Null(_registry.State("orders"));
        Assert.Equal(WorkflowChange.NotFound, await _registry.DeleteAsync("orders", Cancel));
        Assert.NotNull((await _registry.FindVersionAsync("orders", 1, Cancel))?.Compiled);
        Assert.Equal(2, (await Publish(Text("orders", "/orders"))).Stored?.Version);
    }

    [Fact]
    public async Task An_older_version_is_compiled_once_when_a_run_needs_it()
    {
        await Publish(Text("orders", "/one"));
        await Publish(Text("orders", "/two"));

        var first = await _registry.FindVersionAsync("orders", 1, Cancel);
        var again = await _registry.FindVersionAsync("orders", 1, Cancel);

        Assert.Equal("/one", first?.Compiled?.Webhook?.Path);
        Assert.Same(first?.Compiled, again?.Compiled);
        Assert.Equal(1, _store.Reads);
        Assert.Null(await _registry.FindVersionAsync("orders", 3, Cancel));
    }

    [Fact]
    public async Task A_text_sent_under_another_name_is_refused()
    {
        var publication = await _registry.PublishAsync(new Submission(Text("orders", "/orders"), WorkflowRegistry.Api) { ExpectedName = "payments" }, Cancel);

        Assert.Equal("name-mismatch", Assert.Single(publication.Problems).Rule);
    }

    [Fact]
    public async Task A_store_that_fails_leaves_everything_as_it_was()
    {
        await Publish(Text("orders", "/one"));
        _store.IsBroken = true;

        await Assert.ThrowsAsync<IOException>(() => Publish(Text("orders", "/two")));

        Assert.Equal(1, _registry.Match("POST", "/one").Value?.Version);
        _store.IsBroken = false;
        Assert.Equal(2, (await Publish(Text("orders", "/two"))).Stored?.Version);
    }

    [Fact]
    public async Task At_the_next_start_everything_is_live_again()
    {
        await PublishAll(Text("one", "/a"), Text("two", "/b"));
        await _registry.SetEnabledAsync("two", enabled: false, Cancel);

        using var next = Registry();
        await next.LoadAsync(Cancel);

        Assert.Equal("one", next.Match("POST", "/a").Value?.Name);
        Assert.Null(next.Match("POST", "/b").Value);
        Assert.Equal(["one", "two"], next.All().Select(state => state.Stored.Name));
        Assert.Empty(next.Refused);
    }

    [Fact]
    public async Task A_workflow_whose_plugin_is_gone_is_kept_with_its_problem_until_the_plugin_is_back()
    {
        await Publish(Text("orders", "/orders"));
        _catalog.Remove("reply");
        using var next = Registry();

        await next.LoadAsync(Cancel);

        Assert.False(next.State("orders")!.IsLive);
        Assert.Equal("held", Assert.Single(next.State("orders")!.Problems).Rule);
        Assert.Null(next.Find("orders"));
        Assert.Contains("waits for the plugin Test 1.0.0", next.Match("POST", "/orders").Value?.Held?.Reason, StringComparison.Ordinal);
        Assert.Equal("held", Assert.Single((await next.FindVersionAsync("orders", 1, Cancel))!.Problems).Rule);

        _catalog.Add(new ReplyNode());
        await next.RecheckAsync(new HashSet<string> { "Test" }, Cancel);

        Assert.True(next.State("orders")!.IsLive);
        Assert.Empty(next.Refused);
        Assert.Equal("orders", next.Match("POST", "/orders").Value?.Name);
    }

    private WorkflowRegistry Registry() => new(
        _store, new WorkflowChecker(_catalog), _time, NullLogger.Instance);

    private Task<Publication> Publish(string text) => _registry.PublishAsync(new Submission(text, WorkflowRegistry.Api), Cancel);

    private Task<IReadOnlyList<Publication>> PublishAll(params string[] texts) =>
        _registry.PublishAsync([.. texts.Select(text => new Submission(text, WorkflowRegistry.Api))], ImmutableHashSet<string>.Empty, Cancel);

    internal static string Text(string name, string path, string node = "reply") => $$"""
        name: {{name}}
        trigger: { type: webhook, config: { path: "{{path}}" } }
        steps:
          - { key: answer, type: {{node}}, config: { status: 200 } }
        """;
}
