using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;
using Sluice.Engine.Tests.Storage.Sqlite;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution;

/// <summary>Data directories that earlier versions left behind: their runs go on (<c>fixtures/data</c>).</summary>
public sealed class OlderDataTests : IDisposable
{
    private const string Steps = """
          - { key: pause, type: veteran_wait, when: "{{ trigger.output.body.kind == 'suspended' }}", config: { text: a } }
          - { key: call, type: http, when: "{{ trigger.output.body.kind == 'running' }}", config: { url: "http://127.0.0.1:1/" } }
          - { key: last, type: veteran_gate, config: { number: 1 } }
        """;

    private readonly DataDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("schema-7.sql")]
    public async Task Every_run_of_an_earlier_version_goes_on(string file)
    {
        await RestoreAsync(file);
        await using var stage = new Stage(_directory, Waits(), FakeNode.Echo("http", Effect.External), FakeNode.Echo("veteran_gate"));
        stage.Workflow(Steps);
        var runs = new Dictionary<string, RunRecord>();
        foreach (var listed in await stage.Runs.ListAsync(new RunFilter(), Token))
        {
            var run = (await stage.Runs.FindAsync(listed.Id, Token))!;
            runs[JsonElement.Parse(run.Header.Body.Span).GetProperty("kind").GetString()!] = run;
        }

        Assert.Equal((RunStatus.Running, 0L), (runs["running"].Status, runs["running"].Owner));
        Assert.Equal((RunStatus.Queued, null), (runs["queued"].Status, runs["queued"].Owner));
        Assert.Equal(RunStatus.Suspended, runs["suspended"].Status);
        Assert.Equal(new DateTimeOffset(2027, 1, 15, 8, 0, 0, TimeSpan.Zero), Assert.Single(runs["suspended"].Waits).DueAt);
        Assert.Equal(["pause", "call", "last"], runs["finished"].Keys());

        await stage.Recovery.CountAsync(Token);
        Assert.Equal(1, await stage.Recovery.SweepAsync(Token));

        var called = await stage.EndOfAsync(runs["running"].Header.Id);
        Assert.Equal((RunStatus.Succeeded, 2), (called.Status, called.Step("call").Attempt));
        Assert.Equal(RunStatus.Succeeded, (await stage.EndOfAsync(runs["queued"].Header.Id)).Status);
        var ended = stage.EndOfAsync(runs["suspended"].Header.Id);
        await stage.SleepUntilAsync(ended, TimeSpan.FromDays(10));
        Assert.Equal((RunStatus.Succeeded, """{"woken":true}"""), ((await ended).Status, (await ended).Output("pause")));
        Assert.True((await ended).FinishedAt >= new DateTimeOffset(2027, 1, 15, 8, 0, 0, TimeSpan.Zero));
    }

    private static FakeNode Waits() => new("veteran_wait", Effect.None, (_, context, _) => context.Wake is not null
        ? FakeNode.Done("""{"woken":true}""")
        : throw new InvalidOperationException("It had suspended already."));

    private async Task RestoreAsync(string file)
    {
        await using var connection = new SqliteConnection($"Data Source={_directory.File};Pooling=False");
        await connection.OpenAsync(Token);
        await connection.ExecuteAsync(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "fixtures", "data", file), Encoding.UTF8, Token));
    }
}
