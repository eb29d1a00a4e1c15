using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Journal;
using Sluice.Engine.Storage.Sqlite;

namespace Sluice.Bench;

/// <summary>Measures a durable run for a number of concurrent callers and a number of runs in the journal.</summary>
[MemoryDiagnoser]
public class JournalBench
{
    private static readonly byte[] Envelope =
        """{"method":"POST","path":"/payments","params":{},"query":{},"headers":{"host":"localhost","user-agent":"bench/1.0"},"content_type":"application/json"}"""u8
            .ToArray();

    private static readonly byte[] Body = """{"id":"pay_0123456789","amount":1299,"currency":"EUR"}"""u8.ToArray();
    private static readonly byte[] GateOutput = """{"result":true,"matched_conditions":[0]}"""u8.ToArray();
    private static readonly byte[] ReplyOutput = """{"sent":true,"status":200}"""u8.ToArray();

    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"sluice-bench-{Guid.NewGuid():N}");
    private SqliteDatabase? _database;

    /// <summary>The number of callers that wait for durability at once.</summary>
    [Params(1, 64)]
    public int Waiters { get; set; }

    /// <summary>The number of runs in the journal.</summary>
    [Params(0, 1_000_000)]
    public int History { get; set; }

    [GlobalSetup]
    public async Task OpenAsync()
    {
        _database = SqliteDatabase.Open(new SqliteOptions(_directory), TimeProvider.System, NullLogger.Instance);
        for (var written = 0; written < History; written += 10_000)
        {
            await WriteAsync(10_000);
        }
    }

    [GlobalCleanup]
    public async Task CloseAsync()
    {
        await _database!.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Records the plain flow once for each caller: gate, reply, end; one row.</summary>
    [Benchmark]
    public Task Durable() => WriteAsync(Waiters);

    private Task WriteAsync(int runs)
    {
        var waits = new Task[runs];
        for (var i = 0; i < runs; i++)
        {
            waits[i] = PlainRun().DurableAsync();
        }

        return Task.WhenAll(waits);
    }

    private RunLog PlainRun()
    {
        var now = DateTimeOffset.UtcNow;
        var log = new RunLog(_database!.Queue, new RunHeader(RunId.New(now), "payments", 1, "webhook", now, Envelope, Body), 1, isNew: true);
        log.Append(new JournalEntry.Step("validate", "logic_gate", StepStatus.Succeeded, 1, now, TimeSpan.FromMicroseconds(3))
        {
            Port = "true",
            Output = GateOutput,
            Plugin = "Logic@1.0.0",
        });
        log.Append(new JournalEntry.Step("ack", "webhook_response", StepStatus.Succeeded, 1, now, TimeSpan.FromMicroseconds(3))
        {
            Output = ReplyOutput,
            Plugin = "Notifications@1.0.0",
        });
        log.Append(new JournalEntry.Replied(200, [], "application/json", Body, now));
        log.Append(new JournalEntry.Ended(RunStatus.Succeeded, null, null, now));
        return log;
    }
}
