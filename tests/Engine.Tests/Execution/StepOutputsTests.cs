using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Tests.Storage.Sqlite;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution;

public sealed class StepOutputsTests : IDisposable
{
    private const int LargeBytes = 1_000_000;

    private const string ReadAfterCrash = """
          - { key: big, type: large, config: { token: "{{ secrets.token }}" } }
          - { key: work, type: wait }
          - { key: after, type: see, config: { token: "{{ big.output.token }}" } }
        """;

    private readonly DataDirectory _directory = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _seen = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _gate.TrySetResult();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("{{ big.output.text }}", false)]
    [InlineData("{{ big.output }}", true)]
    [InlineData("{{ big }}", true)]
    [InlineData("{{ big['output'].token }}", true)]
    [InlineData("{{ [big].map(step => step['out' + 'put'].text)[0] }}", false)]
    [InlineData("{{ big.output.text.length }}", false)]
    [InlineData("{{ big.status + big.output.token }}", true)]
    [InlineData("{{ big.status }} {{ big.port }} {{ big.output.token }}", true)]
    [InlineData("{{ big.status }}", false)]
    public async Task A_large_output_reads_the_same_before_and_after_a_crash(string expression, bool readsSecret)
    {
        var steps = $$$"""
              - { key: big, type: large, config: { token: "{{ secrets.token }}" } }
              - { key: before, type: see, config: { value: "{{{expression}}}" } }
              - { key: work, type: wait }
              - { key: after, type: see, when: "{{ big.output.text != '' }}", config: { value: "{{{expression}}}" } }
            """;

        var id = await CrashAsync(steps);
        var run = await ContinueAsync(steps, id);

        Assert.Equal(RunStatus.Succeeded, run.Status);
        Assert.Equal(2, _seen.Count);
        Assert.Single(_seen.Distinct());
        Assert.DoesNotContain("***", _seen.First(), StringComparison.Ordinal);
        Assert.Equal(readsSecret, _seen.First().Contains("hush-hush-9000", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Effect.None)]
    [InlineData(Effect.External)]
    public async Task A_large_output_is_stored_apart_and_masked(Effect effect)
    {
        await using var stage = new Stage(_directory, Large(effect), Sees());

        var (_, run) = await stage.RunAsync("""
              - { key: big, type: large, config: { token: "{{ secrets.token }}" } }
              - { key: after, type: see, config: { token: "{{ big.output.token }}" } }
            """);

        Assert.Equal("""{"token":"hush-hush-9000"}""", Assert.Single(_seen));
        Assert.True(run.Entries.Length < 2_000, $"The entries have {run.Entries.Length} bytes.");
        var stored = Encoding.UTF8.GetString((await stage.Runs.FindOutputAsync(run.Header.Id, "big", 1, Token))!.Value.Span);
        Assert.Equal(run.Step("big").OutputBytes, stored.Length);
        Assert.StartsWith("""{"token":"***","text":"xxx""", stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_output_is_durable_before_the_next_node_is_called()
    {
        ReadOnlyMemory<byte>? found = null;
        Stage? stage = null;
        var looks = new FakeNode("look", Effect.None, async (_, context, cancellationToken) =>
        {
            Assert.True(RunId.TryParse(context.RunId, out var id));
            found = await stage!.Runs.FindOutputAsync(id, "big", 1, cancellationToken);
            return new NodeResult.Completed("{}"u8.ToArray());
        });
        await using (stage = new Stage(_directory, Large(), looks))
        {
            await stage.RunAsync("  - { key: big, type: large }\n  - { key: after, type: look }");
        }

        Assert.True(found?.Length > LargeBytes);
    }

    [Theory]
    [InlineData("echo", "nothing")]
    [InlineData("echo", "{{ big.output.text.length }}")]
    [InlineData("see", "{{ big.output.text }}")]
    public async Task While_a_later_node_works_a_large_output_is_not_in_memory(string type, string value)
    {
        var outputs = new ConcurrentQueue<WeakReference>();
        await using var stage = new Stage(_directory, Large(outputs: outputs), Sees(), Waits());
        var responder = stage.Start($$$"""
              - { key: big, type: large }
              - { key: before, type: {{{type}}}, config: { value: "{{{value}}}" } }
              - { key: work, type: wait }
              - { key: after, type: see, config: { value: "{{ big.output.text.length }}" } }
            """);
        await _entered.Task.WaitAsync(Token);

        for (var round = 0; round < 10 && outputs.Any(output => output.IsAlive); round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(Assert.Single(outputs).IsAlive);
        _gate.SetResult();
        Assert.Equal(RunStatus.Succeeded, (await stage.EndOfAsync(responder.Run)).Status);
        Assert.Equal($$"""{"value":{{LargeBytes}}}""", _seen.Last());
    }

    [Theory]
    [InlineData("delete from output", "no row")]
    [InlineData("update output set bytes = substr(bytes, 1, 300000)", "300,000 bytes")]
    [InlineData("update output set bytes = zeroblob(length(bytes))", "no JSON")]
    [InlineData("drop table output", "Retry the run once the journal can be read")]
    public async Task A_stored_output_that_is_damaged_fails_the_step_that_reads_it_and_no_other(string damage, string reason)
    {
        var steps = ReadAfterCrash.Replace("  - { key: after", "  - { key: between, type: see, config: { port: \"{{ big.port }}\" } }\n  - { key: after", StringComparison.Ordinal);
        var id = await CrashAsync(steps);
        await DamageAsync(damage);

        var run = await ContinueAsync(steps, id);

        Assert.Equal("""{"port":null}""", Assert.Single(_seen));
        Assert.Equal(("output_unreadable", RunStatus.Failed), (run.Step("after").Error?.Kind, run.Status));
        Assert.All(["Step after", id.ToString(), "step big", reason], part => Assert.Contains(part, run.Ended().Error!.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_that_failed_on_an_output_that_could_not_be_read_can_be_retried()
    {
        var id = await CrashAsync(ReadAfterCrash);
        await DamageAsync("alter table output rename to gone");
        Assert.Equal(RunStatus.Failed, (await ContinueAsync(ReadAfterCrash, id)).Status);
        await DamageAsync("alter table gone rename to output");

        await using var next = new Stage(_directory, Large(), Sees(), Waits());
        next.Workflow(ReadAfterCrash);
        Assert.Null(await next.Recovery.RetryAsync(id, Token));

        await next.WhenAsync(id, run => run.Status == RunStatus.Succeeded);
        Assert.Equal("""{"token":"hush-hush-9000"}""", Assert.Single(_seen));
    }

    [Fact]
    public async Task A_secret_of_a_large_output_that_is_gone_stays_masked_and_is_warned_of_once()
    {
        var steps = ReadAfterCrash + "\n  - { key: again, type: see, config: { token: \"{{ big.output.token }}\" } }";
        var id = await CrashAsync(steps);

        var run = await ContinueAsync(steps, id, stage => stage.RemoveSecret("token"));

        Assert.Equal(["""{"token":"***"}""", """{"token":"***"}"""], _seen);
        Assert.Single(run.Warnings(), warning => warning.Contains("step big", StringComparison.Ordinal) && warning.Contains("secret token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_large_output_in_an_entry_of_an_earlier_version_is_read()
    {
        await using var stage = new Stage(_directory, Large(), Sees());
        var workflow = stage.Workflow("""
              - { key: big, type: large }
              - { key: after, type: see, config: { length: "{{ big.output.text.length }}", token: "{{ big.output.token }}" } }
            """);
        var log = new RunLog(stage.Queue, DataDirectory.Header(workflow.Name), 1, isNew: true);
        log.Append(new JournalEntry.Step("big", "large", StepStatus.Succeeded, 1, DataDirectory.Noon, default) { Output = Text("old") });
        await log.DurableAsync();

        Assert.Equal(1, await stage.Recovery.SweepAsync(Token));

        Assert.Equal(RunStatus.Succeeded, (await stage.EndOfAsync(log.Header.Id)).Status);
        Assert.Equal($$"""{"length":{{LargeBytes}},"token":"old"}""", Assert.Single(_seen));
    }

    [Fact]
    public async Task The_caller_of_a_run_gets_a_reply_made_of_a_large_output()
    {
        await using var stage = new Stage(_directory, Large());

        var (answer, _) = await stage.RunAsync("  - { key: big, type: large }\n  - { key: answer, type: reply, config: { text: \"{{ big.output.text }}\" } }");

        Assert.Equal(LargeBytes, Assert.IsType<Answer.Replied>(answer).Reply.Body.Length);
    }

    private static byte[] Text(string token) => Encoding.UTF8.GetBytes($$"""{"token":"{{token}}","text":"{{new string('x', LargeBytes)}}"}""");

    private static FakeNode Large(Effect effect = Effect.None, ConcurrentQueue<WeakReference>? outputs = null) =>
        new("large", effect, (_, context, _) => ValueTask.FromResult<NodeResult>(Give(context.Secrets.GetValueOrDefault("token", "none"), outputs)));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static NodeResult.Completed Give(string token, ConcurrentQueue<WeakReference>? outputs)
    {
        var output = Text(token);
        outputs?.Enqueue(new WeakReference(output));
        return new NodeResult.Completed(output);
    }

    private FakeNode Sees() => new("see", Effect.External, (config, _, _) =>
    {
        _seen.Enqueue(Encoding.UTF8.GetString(config.Span));
        return FakeNode.Done();
    });

    private FakeNode Waits() => FakeNode.Waits(_gate.Task, _entered);

    private async Task<RunId> CrashAsync(string steps)
    {
        await using var stage = new Stage(_directory, Large(), Sees(), FakeNode.Waits(new TaskCompletionSource().Task, _entered));
        var responder = stage.Start(steps);
        await _entered.Task.WaitAsync(Token);
        return responder.Run;
    }

    private async Task<RunRecord> ContinueAsync(string steps, RunId id, Action<Stage>? prepare = null)
    {
        _gate.TrySetResult();
        await using var next = new Stage(_directory, Large(), Sees(), Waits());
        next.Workflow(steps);
        prepare?.Invoke(next);
        Assert.Equal(1, await next.Recovery.SweepAsync(Token));
        return await next.EndOfAsync(id);
    }

    private async Task DamageAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={_directory.File};Pooling=False");
        await connection.OpenAsync(Token);
        await connection.ExecuteAsync(sql);
    }
}
