using System.Collections.Concurrent;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Blobs;
using Sluice.Engine.Checking;
using Sluice.Engine.Compiled;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Secrets;
using Sluice.Engine.Storage.Sqlite;
using Sluice.Engine.Tests.Checking;
using Sluice.Engine.Tests.Storage.Sqlite;
using Sluice.Engine.Triggers;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Execution;

/// <summary>Runs under way while the disk gets full and there is room again.</summary>
public sealed class DiskFullTests : IAsyncDisposable
{
    private static readonly byte[] _envelope = """{"method":"POST","headers":{},"content_type":"text/plain"}"""u8.ToArray();

    private readonly DataDirectory _directory = new();
    private readonly HttpClient _http = new();
    private readonly ConcurrentQueue<(string Run, string Step, int Attempt)> _calls = new();
    private readonly Secrets _secrets = new();
    private readonly Versions _versions = new();
    private readonly TestCatalog _catalog = new();
    private readonly SqliteDatabase _database;
    private readonly Runner _runner;
    private readonly RunRecovery _recovery;

    public DiskFullTests()
    {
        var time = TimeProvider.System;
        var options = new ExecutionOptions();
        _catalog.Add(new CallNode("touch", Effect.External, Touch));
        _catalog.Add(new CallNode("answer", Effect.Reply, async context => await context.Responder.ReplyAsync(new Reply(200, "thanks"u8.ToArray()), CancellationToken.None)));
        _database = SqliteDatabase.Open(
            new SqliteOptions(_directory.Path) { PageLimit = 150, ProbeInterval = TimeSpan.FromMilliseconds(10) }, time, NullLogger.Instance);
        _runner = new Runner(
            _database.Queue,
            new ResponderRegistry(),
            new StepRunner(options, _database.Runs, _http, _secrets, BlobStore.Open(_directory.Path, 1_000_000), time, NullLoggerFactory.Instance),
            _secrets,
            options,
            time,
            NullLogger<Runner>.Instance);
        _recovery = new RunRecovery(_database.Runs, _database.Queue, _runner, _versions, options, time, NullLogger<RunRecovery>.Instance);
    }

    [Theory(Timeout = 120_000)]
    [InlineData("[{ key: a, type: touch, config: {} }, { key: b, type: touch, config: {} }]")]
    [InlineData("[{ key: a, type: touch, config: {} }, { key: ack, type: answer, config: {} }, { key: b, type: touch, config: {} }]")]
    [InlineData("[{ key: ack, type: answer, config: {} }]")]
    public async Task No_acknowledged_run_is_lost_and_every_run_goes_on_when_there_is_room(string steps)
    {
        var token = TestContext.Current.CancellationToken;
        var workflow = Publish(steps);
        var answers = new ConcurrentQueue<(RunId Run, Answer Answer)>();
        var isFull = false;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(CallAsync, token)));
        await WhenAllHaveEndedAsync(token);

        Assert.Contains(answers, answer => answer.Answer is Answer.NotDurable);
        foreach (var (id, answer) in answers)
        {
            var run = await _database.Runs.FindAsync(id, token);
            if (answer is Answer.NotDurable)
            {
                Assert.DoesNotContain(run is null ? [] : JournalEntryReader.Read(run.Entries), entry => entry is JournalEntry.Replied);
                continue;
            }

            Assert.NotNull(run);
            var replies = JournalEntryReader.Read(run.Entries).Count(entry => entry is JournalEntry.Replied);
            Assert.Equal(answer is Answer.Replied ? 1 : 0, replies);
        }

        Assert.All(await _database.Runs.ListAsync(new RunFilter(Limit: int.MaxValue), token), run => Assert.Equal(RunStatus.Succeeded, run.Status));
        // In the order of the calls: a step whose attempts did not rise would have run twice as one.
        Assert.All(_calls.GroupBy(call => (call.Run, call.Step)), calls => Assert.Equal(calls.Select(call => call.Attempt).Distinct().Order(), calls.Select(call => call.Attempt)));

        // Callers call until they have met a full disk and then, with room again, got ten answers more.
        async Task CallAsync()
        {
            for (var left = 10; left > 0;)
            {
                var responder = Start(workflow, bodyBytes: 2000);
                var answer = await responder.Answer.WaitAsync(token);
                answers.Enqueue((responder.Run, answer));
                if (answer is Answer.NotDurable)
                {
                    Volatile.Write(ref isFull, true);
                    _database.PageLimit = null;
                }
                else
                {
                    Assert.True(answer is Answer.Replied or Answer.Acknowledged, answer.ToString());
                    left -= Volatile.Read(ref isFull) ? 1 : 0;
                }
            }
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task A_run_that_was_at_a_step_all_the_while_goes_on_too()
    {
        var token = TestContext.Current.CancellationToken;
        var firstMayEnd = new TaskCompletionSource();
        var secondBegan = new TaskCompletionSource();
        var secondMayEnd = new TaskCompletionSource();
        _catalog.Add(new CallNode("first", Effect.External, context =>
        {
            Note(context);
            return new(firstMayEnd.Task);
        }));
        _catalog.Add(new CallNode("second", Effect.None, _ =>
        {
            secondBegan.TrySetResult();
            return new(secondMayEnd.Task);
        }));
        var writable = _database.Queue.WritableAgain;
        var responder = Start(Publish("[{ key: a, type: first, config: {} }, { key: b, type: second, config: {} }]"));
        Assert.IsType<Answer.Acknowledged>(await responder.Answer.WaitAsync(token));

        await FillAsync(token);
        Assert.IsType<Answer.NotDurable>(await Start(Publish("[{ key: ack, type: answer, config: {} }]"), bodyBytes: 20_000).Answer.WaitAsync(token));
        Publish("[{ key: a, type: first, config: {} }, { key: b, type: second, config: {} }]");
        firstMayEnd.SetResult();
        await secondBegan.Task.WaitAsync(token);
        _database.PageLimit = null;
        await writable.WaitAsync(token);
        await _recovery.SweepAsync(token);
        Assert.True(_runner.IsActive(responder.Run));
        secondMayEnd.SetResult();
        await WhenAllHaveEndedAsync(token);

        Assert.Equal(RunStatus.Succeeded, (await _database.Runs.FindAsync(responder.Run, token))!.Status);
        Assert.Equal([1, 2], _calls.Select(call => call.Attempt));
    }

    public async ValueTask DisposeAsync()
    {
        await _recovery.DisposeAsync();
        await _database.DisposeAsync();
        _http.Dispose();
        _directory.Dispose();
    }

    private CompiledWorkflow Publish(string steps)
    {
        var compiled = new WorkflowChecker(_catalog)
            .CheckText($"name: tested\ntrigger: {{ type: webhook, config: {{ path: /x }} }}\nsteps: {steps}\n");
        Assert.Empty(compiled.Problems);
        _versions.Current = compiled;
        return compiled.Compiled!;
    }

    private Responder Start(CompiledWorkflow workflow, int bodyBytes = 2)
    {
        var body = new byte[bodyBytes];
        Array.Fill(body, (byte)'x');
        return _runner.Start(workflow, 1, "webhook", TriggerData.Read(_envelope, body, "text/plain").Data!);
    }

    // From now on the file may not grow, and a probe does not find room either.
    private async Task FillAsync(CancellationToken cancellationToken)
    {
        _database.PageLimit = 1;
        await _database.Writer.WriteAsync(connection => connection.ExecuteScalar<long>("pragma max_page_count = 1"), cancellationToken);
    }

    private async Task WhenAllHaveEndedAsync(CancellationToken cancellationToken)
    {
        while ((await _database.Runs.SelectAsync(new RunSelection.Running(OwnToo: true), 1, cancellationToken)).Runs.Count > 0 || _runner.ActiveCount > 0)
        {
            await _runner.WhenIdleAsync(cancellationToken);
            await Task.Yield();
        }
    }

    private ValueTask Touch(NodeContext context)
    {
        Note(context);
        return default;
    }

    private void Note(NodeContext context) => _calls.Enqueue((context.RunId, context.StepKey, context.Attempt));

    private sealed class Secrets : ISecrets
    {
        public IReadOnlyCollection<string> Names => [];

        public SecretMasks Masks => field ??= new SecretMasks(this);

        public string? Find(string name) => null;
    }

    private sealed class Versions : IWorkflowVersions
    {
        public CheckedWorkflow? Current { get; set; }

        public Task Rechecked { get; } = new TaskCompletionSource().Task;

        public ValueTask<CheckedWorkflow?> FindVersionAsync(string name, int version, CancellationToken cancellationToken) => ValueTask.FromResult(Current);
    }
}
