using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Engine.Blobs;
using Sluice.Engine.Checking;
using Sluice.Engine.Compiled;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Plugins;
using Sluice.Engine.Replies;
using Sluice.Engine.Secrets;
using Sluice.Engine.Storage.Sqlite;
using Sluice.Engine.Tests.Storage.Sqlite;
using Sluice.Engine.Threading;
using Sluice.Engine.Triggers;

namespace Sluice.Engine.Tests.Execution;

/// <summary>The execution of one host around nodes of a test: real journal, clock that the test turns. A second stage on the same directory is the next start.</summary>
internal sealed class Stage : IAsyncDisposable, INodeCatalog, ISecrets, IWorkflowVersions
{
    private static readonly byte[] Envelope = """{"method":"POST","path":"/x","params":{},"query":{},"headers":{},"content_type":"application/json","remote_ip":null}"""u8.ToArray();

    private readonly ImmutableArray<FakeNode> _nodes;
    private readonly SqliteDatabase _database;
    private readonly WorkflowChecker _checker;
    private readonly Dictionary<string, string> _secrets = new()
    {
        ["token"] = "hush-hush-9000",
        ["quoted"] = """say "please" & <thänks>'/+\?~""" + "\n!",
        ["long"] = string.Concat(Enumerable.Range(1, 40).Select(number => $"{number:00}-")),
    };
    private CheckedWorkflow? _workflow;
    private int _workflowLookups;

    public Stage(DataDirectory directory, params FakeNode[] nodes)
    {
        Time = directory.Time;
        _nodes = [.. nodes, FakeNode.Echo(), FakeNode.Gate(), FakeNode.Replies(), FakeNode.Ends(true), FakeNode.Ends(false), FakeNode.Fails()];
        _database = directory.Open();
        _checker = new WorkflowChecker(this, () => Names);
        var options = new ExecutionOptions { StepTimeout = TimeSpan.FromMinutes(5) };
        Steps = new StepRunner(options, Runs, new HttpClient(), this, BlobStore.Open(directory.Path, 1_000_000), Time, NullLoggerFactory.Instance);
        Runner = new Runner(
            Queue, Responders, Steps, this, options, Time, NullLogger<Runner>.Instance);
        Recovery = new RunRecovery(Runs, Queue, Runner, this, options, Time, NullLogger<RunRecovery>.Instance);
        Answers = new StoredReplies(Runs, Runner.Watch, Time);
        Claims = new Claims(Runs, Answers, Recovery);
    }

    public FakeTimeProvider Time { get; }

    /// <summary>Plugins have come: runs that wait for one may continue.</summary>
    public Recurrence Recheck { get; } = new();

    public Task Rechecked => Recheck.Next;

    public StepRunner Steps { get; }

    public Runner Runner { get; }

    public RunRecovery Recovery { get; }

    public StoredReplies Answers { get; }

    public Claims Claims { get; }

    public ResponderRegistry Responders { get; } = new();

    public IRunStore Runs => _database.Runs;

    public ICommitQueue Queue => _database.Queue;

    public long Commits => _database.Commits;

    public IReadOnlyList<NodeDescriptor> Nodes => [.. _nodes.Select(node => node.Descriptor)];

    public IReadOnlyCollection<string> Names => _secrets.Keys;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public NodeHandle? Find(string type) => _nodes.FirstOrDefault(node => node.Descriptor.Type == type);

    public SecretMasks Masks => field ??= new SecretMasks(this);

    string? ISecrets.Find(string name) => _secrets.GetValueOrDefault(name);

    /// <summary>How often the workflow of runs was looked up: a take-over does so when it has its turn.</summary>
    public int WorkflowLookups => Volatile.Read(ref _workflowLookups);

    public ValueTask<CheckedWorkflow?> FindVersionAsync(string name, int version, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _workflowLookups);
        return ValueTask.FromResult(_workflow);
    }

    /// <summary>Says which workflow the runs of this stage are of.</summary>
    /// <param name="steps">The list of steps, YAML.</param>
    public CompiledWorkflow Workflow(string steps)
    {
        _workflow = _checker.CheckText($"name: tested\ntrigger: {{ type: webhook, config: {{ path: /x }} }}\nsteps:\n{steps}\n");
        Assert.Empty(_workflow.Problems);
        return _workflow.Compiled!;
    }

    /// <summary>The operator takes a secret away.</summary>
    public void RemoveSecret(string name) => _secrets.Remove(name);

    /// <summary>Has no workflow: no run is taken up until there is one again.</summary>
    public void RemoveWorkflow() => _workflow = null;

    /// <summary>Starts a run of these steps.</summary>
    public Responder Start(string steps, string body = "{}", RunStart start = default)
    {
        var (data, _, wrong) = TriggerData.Read(Envelope, Encoding.UTF8.GetBytes(body), "application/json");
        Assert.Null(wrong);
        return Runner.Start(Workflow(steps), 1, "webhook", data!, start);
    }

    /// <summary>Runs these steps to their end.</summary>
    public async Task<(Answer Answer, RunRecord Run)> RunAsync(string steps, string body = "{}")
    {
        var responder = Start(steps, body);
        var answer = await responder.Answer.WaitAsync(Token);
        return (answer, await EndOfAsync(responder.Run));
    }

    /// <summary>The run once it has ended.</summary>
    public Task<RunRecord> EndOfAsync(RunId id) => WhenAsync(id, run => run.FinishedAt is not null);

    public async Task<RunRecord> WhenAsync(RunId id, Func<RunRecord, bool> isSo)
    {
        while (true)
        {
            using var watcher = Runner.Watch.Watch(id);
            var further = watcher.NextAsync();
            if (await Runs.FindAsync(id, Token) is { } run && !Runner.IsActive(id) && isSo(run))
            {
                return run;
            }

            await further.WaitAsync(TimeSpan.FromSeconds(60), Token);
        }
    }

    /// <summary>Waits until this holds, without turning the clock.</summary>
    public static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Turns the clock until this has happened.</summary>
    public async Task TurnUntilAsync(Task happened, TimeSpan step)
    {
        while (!happened.IsCompleted)
        {
            Token.ThrowIfCancellationRequested();
            Time.Advance(step);
            await Task.Yield();
        }

        await happened;
    }

    /// <summary>Turns the clock while no run is under way, until this has happened: what a suspended run waits for.</summary>
    public async Task SleepUntilAsync(Task happened, TimeSpan step)
    {
        while (!happened.IsCompleted)
        {
            Token.ThrowIfCancellationRequested();
            if (Runner.ActiveCount == 0)
            {
                Time.Advance(step);
            }

            await Task.Yield();
        }

        await happened;
    }

    /// <summary>From now on the file may not grow: what SQLite says of a full disk.</summary>
    public async Task FillAsync()
    {
        _database.PageLimit = 1;
        await _database.Writer.WriteAsync(connection => connection.ExecuteScalar<long>("pragma max_page_count = 1"), Token);
    }

    /// <summary>Keeps the journal's writer busy until told; the task inside completes when it is free again.</summary>
    public async Task<Task> HoldWriterAsync(ManualResetEventSlim until)
    {
        var holds = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var holding = _database.Writer.WriteAsync(
            _ =>
            {
                holds.SetResult();
                until.Wait(Token);
                return 0;
            },
            Token).AsTask();
        await holds.Task.WaitAsync(Token);
        return holding;
    }

    /// <summary>There is room again, which the journal finds when it looks the next time.</summary>
    public void MakeRoom() => _database.PageLimit = null;

    public async ValueTask DisposeAsync()
    {
        await Recovery.DisposeAsync();
        await _database.DisposeAsync();
    }
}

/// <summary>Reads what a run left in the journal.</summary>
internal static class RunReading
{
    public static IReadOnlyList<JournalEntry> All(this RunRecord run) => [.. JournalEntryReader.Read(run.Entries)];

    public static IEnumerable<JournalEntry.Step> Steps(this RunRecord run) => run.All().OfType<JournalEntry.Step>();

    public static IEnumerable<string> Keys(this RunRecord run) => run.Steps().Select(step => step.Key);

    public static JournalEntry.Step Step(this RunRecord run, string key) => run.Steps().Last(step => step.Key == key);

    public static string Output(this RunRecord run, string key) => Encoding.UTF8.GetString(run.Step(key).Output.Span);

    public static JsonElement OutputJson(this RunRecord run, string key) => JsonElement.Parse(run.Step(key).Output.Span);

    public static IEnumerable<string> Warnings(this RunRecord run) => run.All().OfType<JournalEntry.Warning>().Select(warning => warning.Message);

    public static JournalEntry.Ended Ended(this RunRecord run) => run.All().OfType<JournalEntry.Ended>().Last();
}
