using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Simulation.Laws;

namespace Sluice.Simulation.Worlds;

/// <summary>Rewrites what a host reads of a run's journal, one record at a time: a store that takes a cure of the engine out. Null drops the record.</summary>
internal delegate byte[]? Mutant(byte[] record, DateTimeOffset now);

/// <summary>One simulation: hosts that run one after another on one disk, their callers, the clock, and the crashes.</summary>
/// <remarks>
/// Everything happens on one thread, the only one of the thread pool (see the project file), in an order that the seed chooses: the same scenario, seed and
/// crashes give the same trace. The world ends when nothing can happen any more: no work, no call, no caller, no timer.
/// </remarks>
internal sealed class World : IDisposable
{
    private const int MostSteps = 20_000;

    private readonly Random _random;
    private readonly FaultPlan _plan;
    private readonly Mutant? _mutant;
    private readonly int? _onlyLaw;
    private readonly List<string>? _trace;
    private readonly List<SimulatedTimer> _timers = [];
    private readonly Calls _calls;
    private readonly Callers _callers;
    private readonly int _commitWeight;
    private SimulatedHost _host;
    private long _epoch;

    public World(Scenario scenario, int seed, IReadOnlyList<Crash> crashes, Mutant? mutant = null, int? onlyLaw = null, bool isTraced = false)
    {
        Scenario = scenario;
        _random = new Random(seed);
        _plan = new FaultPlan(crashes);
        (_mutant, _onlyLaw) = (mutant, onlyLaw);
        _trace = isTraced ? [] : null;
        _commitWeight = 1 + _random.Next(4);
        Witness = new Witness(this);
        _calls = new Calls(this);
        _callers = new Callers(this);
        _host = NextHost();
    }

    public Scenario Scenario { get; }

    public Disk Disk { get; } = new();

    public Witness Witness { get; }

    public DateTimeOffset Now { get; private set; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The first law that was broken; null if none was.</summary>
    public Violation? Broken { get; private set; }

    /// <summary>What happened, if it was to be traced.</summary>
    public IReadOnlyList<string> Trace => _trace ?? [];

    /// <summary>How many hosts crashed.</summary>
    public int Deaths { get; private set; }

    /// <summary>How many runs the last host still walked in the end.</summary>
    public int ActiveCount => _host.ActiveCount;

    /// <summary>How many records each commit of the first host held.</summary>
    public List<int> CommitSizes { get; } = [];

    /// <summary>How many calls and answers the last host saw: the places of an undisturbed world.</summary>
    public int Passed(Fault fault) => _plan.Passed(fault);

    /// <summary>Lets everything happen that can.</summary>
    public async Task RunAsync()
    {
        Start();
        for (var step = 0; Broken is null; step++)
        {
            if (step == MostSteps)
            {
                Break(1, "The world does not come to rest.");
            }
            else if (_host.IsDead)
            {
                Restart();
            }
            else if (!Step())
            {
                break;
            }

            // What the runtime itself puts on the thread pool, such as the end of a wait with a timeout, comes first: this project has one pool thread.
            await Task.Yield();
        }

        if (Broken is null)
        {
            Rest.Check(this, _callers);
        }
    }

    public bool Toss() => _random.Next(2) == 0;

    /// <summary>A law was broken: the world ends.</summary>
    public void Break(int law, string message)
    {
        Note(null, $"LAW {law} IS BROKEN: {message}");
        if (_onlyLaw is null || law == _onlyLaw)
        {
            Broken ??= new Violation(law, message);
        }
    }

    public void Note(SimulatedHost? host, string text) => _trace?.Add(host is null ? $"{Now:HH:mm:ss.fff} {text}" : $"{Now:HH:mm:ss.fff} host {host.Epoch} {text}");

    /// <summary>The name of a run in traces: that of the request that started it.</summary>
    public string NameOf(RunId run) => Scenario.Deliveries.FirstOrDefault(delivery => delivery.Run == run)?.Name ?? run.ToString();

    /// <summary>Starts or stops a timer.</summary>
    public void Keep(SimulatedTimer timer, bool isRunning)
    {
        _timers.Remove(timer);
        if (isRunning)
        {
            _timers.Add(timer);
        }
    }

    /// <summary>Comes to a place at which the host may crash; true if it does.</summary>
    public bool Strikes(SimulatedHost host, Fault fault)
    {
        if (!_plan.Strikes(fault))
        {
            return false;
        }

        Kill(host, fault.ToString());
        return true;
    }

    public void Kill(SimulatedHost host, string why)
    {
        Note(host, $"crashes: {why}");
        Deaths++;
        host.Kill();
    }

    /// <summary>Writes a batch; false if the host crashed before it was told.</summary>
    public bool Commit(SimulatedHost host, List<DiskPiece> pieces)
    {
        if (host.IsDead)
        {
            return false;
        }

        if (pieces.Count == 0)
        {
            return true;
        }

        if (host.Epoch == 1)
        {
            CommitSizes.Add(pieces.Count);
        }

        if (Strikes(host, Fault.AppendedNotFlushed))
        {
            return false;
        }

        var isTorn = _plan.Strikes(Fault.PrefixDurable, out var prefix) && pieces.Count > 1;
        foreach (var piece in isTorn ? pieces[..(1 + ((prefix - 1) % (pieces.Count - 1)))] : pieces)
        {
            piece.Apply();
            if (_trace is not null)
            {
                Note(host, $"commits {NameOf(piece.Run)}: {(piece.Line is { } line ? System.Text.Encoding.UTF8.GetString(line).TrimEnd() : "a change of its row")}");
            }
        }

        if (isTorn)
        {
            Kill(host, $"{Fault.PrefixDurable}");
            return false;
        }

        return !Strikes(host, Fault.FlushedNotTold);
    }

    /// <summary>What a host reads of a run's records.</summary>
    public ReadOnlyMemory<byte> ReadEntries(RunRow row) =>
        _mutant is null ? row.Bytes : row.Lines.Select(line => _mutant(line, Now)).OfType<byte[]>().SelectMany(line => line).ToArray();

    /// <summary>Does something of a host that nothing may escape from.</summary>
    public async Task GuardAsync(Func<Task> perform)
    {
        try
        {
            await perform();
        }
        catch (Exception exception)
        {
            Break(1, $"A caller or a start met an exception: {exception}");
        }
    }

    /// <summary>The engine logged an error. Only a quarantine is one that it expects.</summary>
    public void Hear(string error)
    {
        Note(_host, $"logs: {error}");
        if (!error.Contains("is quarantined", StringComparison.Ordinal))
        {
            Break(1, $"The engine logged an error: {error}");
        }
    }

    public ValueTask<Sdk.NodeResult> CallAsync(
        SimulatedHost host, SimulatedNode node, ReadOnlyMemory<byte> config, Sdk.NodeContext context, CancellationToken cancellationToken) =>
        _calls.Begin(host, node, config, context, cancellationToken);

    public void Offer(SimulatedHost host, Delivery delivery, Answer answer, bool isRepeat) => _callers.Offer(host, delivery, answer, isRepeat);

    public int Next(int below) => _random.Next(below);

    public void Dispose() => _host.Kill();

    private SimulatedHost NextHost() => new(this, ++_epoch, _random);

    private void Start()
    {
        Note(_host, "starts");
        _host.Start();
    }

    private void Restart()
    {
        _timers.Clear();
        _calls.Clear();
        _callers.LoseConnections();
        _plan.Restart();
        Now += TimeSpan.FromMilliseconds(500 + _random.Next(2 * 3_600_000));
        _host = NextHost();
        Start();
    }

    private bool Step()
    {
        Now += TimeSpan.FromMilliseconds(1);
        if (FireDue() || Act())
        {
            return true;
        }

        if (_timers.Min(timer => timer.DueAt) is not { } next)
        {
            return false;
        }

        Now = next;
        return true;
    }

    private bool FireDue()
    {
        if (_timers.Find(timer => timer.DueAt <= Now) is not { } due)
        {
            return false;
        }

        _host.Loop.Run(due.Fire);
        return true;
    }

    // One thing that can happen, by chance.
    private bool Act()
    {
        Span<int> weights = [_host.Loop.HasWork ? 4 : 0, _host.Journal.IsDue ? _commitWeight : 0, _calls.InFlight * 2, _callers.HasNext ? 1 : 0, _callers.Answers * 2];
        var sum = 0;
        foreach (var weight in weights)
        {
            sum += weight;
        }

        if (sum == 0)
        {
            return false;
        }

        var chosen = _random.Next(sum);
        var action = 0;
        for (; chosen >= weights[action]; action++)
        {
            chosen -= weights[action];
        }

        Perform(action);
        return true;
    }

    private void Perform(int action)
    {
        switch (action)
        {
            case 0:
                _host.Loop.RunOne();
                break;
            case 1:
                _host.Loop.Run(_host.Journal.Commit);
                break;
            case 2:
                _host.Loop.Run(() => _calls.EndOne(_host));
                break;
            case 3:
                _callers.SendNext(_host);
                break;
            default:
                _callers.ReceiveOne(_host);
                break;
        }
    }
}
