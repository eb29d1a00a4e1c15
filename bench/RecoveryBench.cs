using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Blobs;
using Sluice.Engine.Checking;
using Sluice.Engine.Compiled;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Plugins;
using Sluice.Engine.Replies;
using Sluice.Engine.Secrets;
using Sluice.Engine.Storage.Sqlite;
using Sluice.Engine.Triggers;
using Sluice.Sdk;

namespace Sluice.Bench;

/// <summary>Compares recovering runs from the journal with starting as many new ones, and measures the memory of suspended runs.</summary>
internal static class RecoveryBench
{
    private const int Runs = 3_000;
    private const int SuspendedRuns = 100_000;

    public static async Task RunAsync()
    {
        for (var round = 0; round < 5; round++)
        {
            var fresh = await FreshAsync();
            var (recovered, recoveredCommits) = await ContinueAsync(RunStatus.Running);
            var (queued, queuedCommits) = await ContinueAsync(RunStatus.Queued);
            Console.WriteLine(
                $"{Runs} runs: fresh {fresh.TotalSeconds:0.00} s; recovered {recovered.TotalSeconds:0.00} s, {recovered / fresh:0.00} of fresh, {recoveredCommits} commits; "
                + $"queued {queued.TotalSeconds:0.00} s, {queued / fresh:0.00} of fresh, {queuedCommits} commits");
        }

        Console.WriteLine($"{SuspendedRuns} suspended runs: {await SuspendedBytesAsync(SuspendedRuns) - await SuspendedBytesAsync(0):N0} bytes more of live memory than none");
    }

    private static async Task<TimeSpan> FreshAsync()
    {
        using var directory = new Folder();
        await using var host = new BenchHost(directory.Path);
        var began = Stopwatch.GetTimestamp();
        for (var run = 0; run < Runs; run++)
        {
            host.Start();
        }

        await host.UntilIdleAsync();
        return Stopwatch.GetElapsedTime(began);
    }

    // A new run is running.
    private static void SetStatus(RunLog log, RunStatus status)
    {
        if (status == RunStatus.Queued)
        {
            log.Queue();
        }
    }

    private static async Task<(TimeSpan Elapsed, long Commits)> ContinueAsync(RunStatus status)
    {
        using var directory = new Folder();
        await WriteAsync(directory.Path, Runs, log => SetStatus(log, status));
        await using var host = new BenchHost(directory.Path);
        var before = host.Database.Commits;
        var began = Stopwatch.GetTimestamp();
        await host.Recovery.CountAsync(CancellationToken.None);
        await host.Recovery.SweepAsync(CancellationToken.None);
        await host.UntilIdleAsync();
        return (Stopwatch.GetElapsedTime(began), host.Database.Commits - before);
    }

    private static async Task<long> SuspendedBytesAsync(int count)
    {
        using var directory = new Folder();
        await WriteAsync(directory.Path, count, log => log.Suspend([new Wait("pause", 1) { DueAt = DateTimeOffset.UtcNow.AddHours(1) }]));
        await using var host = new BenchHost(directory.Path);
        await host.Recovery.CountAsync(CancellationToken.None);
        await host.Recovery.SweepAsync(CancellationToken.None);
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static async Task WriteAsync(string directory, int count, Action<RunLog> settle)
    {
        await using var database = SqliteDatabase.Open(new SqliteOptions(directory), TimeProvider.System, NullLogger.Instance);
        foreach (var chunk in Enumerable.Range(0, count).Chunk(1_000))
        {
            await Task.WhenAll(chunk.Select(_ =>
            {
                var now = DateTimeOffset.UtcNow;
                var log = new RunLog(
                    database.Queue, new RunHeader(RunId.New(now), "bench", 1, "webhook", now, BenchHost.Envelope, BenchHost.Body), 1, isNew: true);
                settle(log);
                return log.DurableAsync();
            }));
        }
    }

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("sluice-bench-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }

    /// <summary>The execution of a host, without a web server, for workflows of one pure step.</summary>
    private sealed class BenchHost : IAsyncDisposable, INodeCatalog, ISecrets, IWorkflowVersions
    {
        public static readonly byte[] Envelope = """{"method":"POST","path":"/x","params":{},"query":{},"headers":{},"content_type":"application/json","remote_ip":null}"""u8.ToArray();
        public static readonly byte[] Body = "{}"u8.ToArray();

        private readonly HttpClient _http = new();
        private readonly Echo _echo = new();
        private readonly Runner _runner;
        private readonly ResponderRegistry _responders = new();
        private readonly CheckedWorkflow _workflow;

        public BenchHost(string directory)
        {
            Database = SqliteDatabase.Open(new SqliteOptions(directory), TimeProvider.System, NullLogger.Instance);
            var options = new ExecutionOptions();
            var steps = new StepRunner(options, Database.Runs, _http, this, BlobStore.Open(directory, 1_000_000), TimeProvider.System, NullLoggerFactory.Instance);
            _runner = new Runner(Database.Queue, _responders, steps, this, options, TimeProvider.System, NullLogger<Runner>.Instance);
            _workflow = new WorkflowChecker(this).CheckText(
                "name: bench\ntrigger: { type: webhook, config: { path: /x } }\nsteps: [ { key: only, type: echo, config: { body: \"{{ trigger.output.body }}\" } } ]\n");
            Recovery = new RunRecovery(Database.Runs, Database.Queue, _runner, this, options, TimeProvider.System, NullLogger<RunRecovery>.Instance);
        }

        public SqliteDatabase Database { get; }

        public RunRecovery Recovery { get; }

        public IReadOnlyList<NodeDescriptor> Nodes => [_echo.Descriptor];

        public IReadOnlyCollection<string> Names => [];

        public SecretMasks Masks => field ??= new SecretMasks(this);

        public NodeHandle? Find(string type) => type == _echo.Descriptor.Type ? _echo : null;

        string? ISecrets.Find(string name) => null;

        public Task Rechecked { get; } = new TaskCompletionSource().Task;

        public ValueTask<CheckedWorkflow?> FindVersionAsync(string name, int version, CancellationToken cancellationToken) => new(_workflow);

        public void Start() => _runner.Start(_workflow.Compiled!, 1, "webhook", TriggerData.Read(Envelope, Body, "application/json").Data!);

        public async Task UntilIdleAsync()
        {
            while (_runner.Backlog.Count > 0 || _runner.ActiveCount > 0)
            {
                await Task.Delay(1);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Recovery.DisposeAsync();
            await Database.DisposeAsync();
            _http.Dispose();
        }
    }

    private sealed class Echo : NodeHandle
    {
        public override NodeDescriptor Descriptor { get; } = new()
        {
            Type = "echo",
            Name = "echo",
            Category = "Bench",
            Summary = "",
            Effect = Effect.None,
            Ports = [],
            ConfigSchema = JsonElement.Parse("""{"type":"object"}"""),
            OutputSchema = JsonElement.Parse("{}"),
            Examples = [],
            Plugin = new PluginIdentity("Bench", "1.0.0", new string('0', 64)),
        };

        public override (IReadOnlyList<string> Ports, string? Failure) PortsOf(JsonElement config) => ([], null);

        public override IReadOnlyList<ConfigProblem> Check(ReadOnlyMemory<byte> config) => [];

        public override ValueTask<NodeResult> RunAsync(ReadOnlyMemory<byte> config, NodeContext context, CancellationToken cancellationToken) =>
            new(new NodeResult.Completed(config.ToArray()));
    }
}
