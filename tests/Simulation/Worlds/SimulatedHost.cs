using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Sluice.Engine.Blobs;
using Sluice.Engine.Checking;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Triggers;
using Sluice.Sdk;

namespace Sluice.Simulation.Worlds;

/// <summary>One life of a host: the engine that executes runs, over a simulated journal, clock, scheduler, caller and simulated nodes.</summary>
internal sealed class SimulatedHost : IWorkflowVersions
{
    private static readonly HttpClient Http = new();
    private static readonly byte[] Envelope =
        """{"method":"POST","path":"/x","params":{},"query":{},"headers":{},"content_type":"application/json","remote_ip":null}"""u8.ToArray();

    // Longer than any simulated run takes.
    private static readonly TimeSpan Patience = TimeSpan.FromDays(30);

    private static readonly Lazy<BlobStore> Blobs = new(() => BlobStore.Open(Directory.CreateTempSubdirectory("sluice-simulation-").FullName, maxBytes: 1));

    private readonly World _world;
    private readonly Runner _runner;
    private readonly RunRecovery _recovery;
    private readonly ResponderRegistry _responders = new();
    private readonly Claims _claims;
    private readonly StoredReplies _answers;

    public SimulatedHost(World world, long epoch, Random random)
    {
        (_world, Epoch, Loop) = (world, epoch, new HostLoop(random));
        Journal = new SimulatedJournal(world, this);
        var time = new HostClock(world, this);
        var options = new ExecutionOptions
        {
            Scheduler = Loop,
            StepTimeout = TimeSpan.FromHours(1),
            MaxRuns = world.Scenario.MostRuns,
            UuidKey = "simulated"u8.ToArray(),
        };
        var loggers = new DefectLog(world);
        var steps = new StepRunner(options, Journal, Http, Operator.Instance, Blobs.Value, time, loggers);
        _runner = new Runner(Journal, _responders, steps, Operator.Instance, options, time, loggers.CreateLogger<Runner>());
        RunRecovery? recovery = null;
        Loop.Run(() => recovery = new RunRecovery(Journal, Journal, _runner, this, options, time, loggers.CreateLogger<RunRecovery>()));
        _recovery = recovery!;
        _answers = new StoredReplies(Journal, _runner.Watch, time);
        _claims = new Claims(Journal, _answers, _recovery);
    }

    /// <summary>The number of this host among all that had the disk.</summary>
    public long Epoch { get; }

    public HostLoop Loop { get; }

    public SimulatedJournal Journal { get; }

    public bool IsDead { get; private set; }

    /// <summary>What a dead host waits for.</summary>
    public static ValueTask<T> Never<T>() => new(new TaskCompletionSource<T>().Task);

    /// <summary>How many runs it walks.</summary>
    public int ActiveCount => _runner.ActiveCount;

    // The plugins of a simulation never change.
    Task IWorkflowVersions.Rechecked { get; } = new TaskCompletionSource().Task;

    public void Start() => Loop.Run(() => _ = StartAsync());

    public void Kill()
    {
        IsDead = true;
        Loop.Kill();
    }

    public void Deliver(Delivery delivery) => Loop.Run(() => _ = DeliverAsync(delivery));

    ValueTask<CheckedWorkflow?> IWorkflowVersions.FindVersionAsync(string name, int version, CancellationToken cancellationToken) =>
        ValueTask.FromResult<CheckedWorkflow?>(_world.Scenario.Workflow);

    private async Task StartAsync() => await _world.GuardAsync(async () =>
    {
        await _recovery.CountAsync(CancellationToken.None);
        await _recovery.SweepAsync(CancellationToken.None);
    });

    private async Task DeliverAsync(Delivery delivery) => await _world.GuardAsync(async () =>
    {
        if (delivery.Key is null)
        {
            await StartRunAsync(delivery, default);
            return;
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(delivery.Key));
        switch (await _claims.TakeAsync(new Claim(hash, hash, _world.Now + Patience), CancellationToken.None))
        {
            case Claimed.First first:
                await StartRunAsync(delivery, new RunStart { Place = first.Place });
                break;
            case Claimed.Repeat repeat:
                _world.Offer(this, delivery, await AnswerAgainAsync(repeat), isRepeat: true);
                break;
        }
    });

    private async Task StartRunAsync(Delivery delivery, RunStart start)
    {
        var (data, _, _) = TriggerData.Read(Envelope, Encoding.UTF8.GetBytes(delivery.Body), "application/json", delivery.Run);
        var responder = _runner.Start(_world.Scenario.Workflow.Compiled!, 1, "webhook", data!, start);
        var answer = await responder.Answer;
        _responders.Close(responder);
        _world.Offer(this, delivery, answer, isRepeat: false);
    }

    private async Task<Answer> AnswerAgainAsync(Claimed.Repeat repeat)
    {
        if (!await repeat.Durable)
        {
            return new Answer.NotDurable("The first delivery could not be stored.");
        }

        var found = await _answers.WaitAsync(repeat.Held.Run, answer => (answer.Acknowledgement ?? answer.Answer) is not null, Patience, CancellationToken.None);
        return found?.Acknowledgement ?? found?.Answer ?? new Answer.DeadlinePassed();
    }
}

/// <summary>Reports what the engine logs as an error: a defect, or a run that is quarantined.</summary>
internal sealed class DefectLog(World world) : ILoggerFactory, ILogger
{
    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            world.Hear($"{formatter(state, exception)} {exception}");
        }
    }

    public void Dispose()
    {
    }
}
