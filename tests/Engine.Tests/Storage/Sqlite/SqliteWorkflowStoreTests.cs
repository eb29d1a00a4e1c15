using Sluice.Engine.Plugins;
using Sluice.Engine.Publishing;
using Sluice.Engine.Storage.Sqlite;
using static Sluice.Engine.Tests.Storage.Sqlite.DataDirectory;

namespace Sluice.Engine.Tests.Storage.Sqlite;

public sealed class SqliteWorkflowStoreTests : IAsyncDisposable
{
    private readonly DataDirectory _directory = new();
    private readonly SqliteDatabase _database;

    public SqliteWorkflowStoreTests() => _database = _directory.Open();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IWorkflowStore Store => _database.Workflows;

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Versions_count_from_1_and_never_change()
    {
        await PublishAsync("orders", "first");
        var second = await PublishAsync("orders", "second");

        Assert.Equal(new StoredWorkflow("orders", 2, "second", "api", true, Noon), second);
        Assert.Equal(second, Assert.Single(await Store.LatestAsync(Token)));
        Assert.Equal("first", (await Store.FindAsync("orders", 1, Token))!.Text);
        Assert.Null(await Store.FindAsync("orders", 3, Token));
        Assert.Null(await Store.FindAsync("unknown", 1, Token));
    }

    [Fact]
    public async Task A_disabled_workflow_stays_disabled_when_it_is_published_again()
    {
        await PublishAsync("orders", "first");

        Assert.True(await Store.SetEnabledAsync("orders", false, Token));
        Assert.False((await PublishAsync("orders", "second")).Enabled);
        Assert.False(Assert.Single(await Store.LatestAsync(Token)).Enabled);
        Assert.True(await Store.SetEnabledAsync("orders", true, Token));
        Assert.True(Assert.Single(await Store.LatestAsync(Token)).Enabled);
        Assert.False(await Store.SetEnabledAsync("unknown", true, Token));
    }

    [Fact]
    public async Task A_deleted_workflow_keeps_its_versions_and_comes_back_enabled_with_the_next_number()
    {
        await PublishAsync("orders", "first");
        await Store.SetEnabledAsync("orders", false, Token);

        Assert.True(await Store.DeleteAsync("orders", Token));
        Assert.False(await Store.DeleteAsync("orders", Token));
        Assert.False(await Store.SetEnabledAsync("orders", true, Token));
        Assert.Empty(await Store.LatestAsync(Token));
        Assert.Equal(("first", false), (await Store.FindAsync("orders", 1, Token)) is { } kept ? (kept.Text, kept.Enabled) : default);
        Assert.Equal((2, true), await PublishAsync("orders", "second") is var again ? (again.Version, again.Enabled) : default);
    }

    [Fact]
    public async Task Thousands_are_published_in_one_transaction_and_given_back_in_order()
    {
        var before = _database.Commits;
        var texts = Enumerable.Range(0, 10_000).Select(i => new WorkflowText($"w{i}", $"text {i}", $"w{i}.yaml")).ToArray();

        var stored = await Store.PublishAsync(texts, Noon, Token);

        Assert.Equal(1, _database.Commits - before);
        Assert.Equal(texts, stored.Select(workflow => new WorkflowText(workflow.Name, workflow.Text, workflow.Source)));
        Assert.Equal(10_000, (await Store.LatestAsync(Token)).Count);
    }

    [Fact]
    public async Task What_a_version_is_checked_against_is_kept_with_it_and_may_change()
    {
        PluginPin first = new("set", new PluginIdentity("Logic", "1.0.0", new string('a', 64)));
        PluginPin second = new("set", new PluginIdentity("Logic", "1.1.0", new string('b', 64)));
        var stored = (await Store.PublishAsync([new WorkflowText("orders", "text", "api") { Pins = [first] }], Noon, Token))[0];
        Assert.Equal([first], stored.Pins);
        Assert.Equal([first], (await Store.FindAsync("orders", 1, Token))!.Pins);

        await Store.PinAsync([stored with { Pins = [second] }], Token);

        Assert.Equal([second], Assert.Single(await Store.LatestAsync(Token)).Pins);
    }

    private async Task<StoredWorkflow> PublishAsync(string name, string text) =>
        Assert.Single(await Store.PublishAsync([new WorkflowText(name, text, "api")], Noon, Token));
}
