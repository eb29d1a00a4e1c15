namespace Sluice.Simulation.Worlds;

/// <summary>The places at which a host can crash: the faults of the laws.</summary>
internal enum Fault
{
    /// <summary>A node is about to be called; nothing of the call is recorded or done.</summary>
    BeforeTheAppend,

    /// <summary>Records were appended, and nothing of their batch is durable.</summary>
    AppendedNotFlushed,

    /// <summary>A part of the batch is durable.</summary>
    PrefixDurable,

    /// <summary>The batch is durable, and nobody was told.</summary>
    FlushedNotTold,

    /// <summary>The node has done its work, and its record is lost.</summary>
    EffectDoneRecordLost,

    /// <summary>The answer to the caller is durable, and was not sent.</summary>
    ReplyCommittedNotSent,
}

/// <summary>One crash of a host.</summary>
/// <param name="Fault">The kind of place.</param>
/// <param name="Ordinal">Which of these places, from 1, counted from the start of the host.</param>
/// <param name="Prefix">For <see cref="Fault.PrefixDurable"/>: how many records of the batch are durable.</param>
internal sealed record Crash(Fault Fault, int Ordinal, int Prefix = 0)
{
    public override string ToString() => Fault == Fault.PrefixDurable ? $"{Fault} at commit {Ordinal}, {Prefix} records" : $"{Fault} at {PlaceOf(Fault)} {Ordinal}";

    private static string PlaceOf(Fault fault) => fault switch
    {
        Fault.BeforeTheAppend or Fault.EffectDoneRecordLost => "call",
        Fault.ReplyCommittedNotSent => "answer",
        _ => "commit",
    };
}

/// <summary>The crashes of one simulation, in order: each counts its places from the start of the host that it ends.</summary>
internal sealed class FaultPlan(IReadOnlyList<Crash> crashes)
{
    public static readonly IReadOnlyList<Crash> None = [];

    private readonly int[] _passed = new int[Enum.GetValues<Fault>().Length];
    private int _next;

    /// <summary>How many places of a kind the present host has passed.</summary>
    public int Passed(Fault fault) => _passed[(int)fault];

    /// <summary>The host comes to a place: whether it crashes there.</summary>
    public bool Strikes(Fault fault) => Strikes(fault, out _);

    public bool Strikes(Fault fault, out int prefix)
    {
        _passed[(int)fault]++;
        prefix = 0;
        if (_next == crashes.Count || crashes[_next] is not { } crash || crash.Fault != fault || crash.Ordinal != _passed[(int)fault])
        {
            return false;
        }

        prefix = crash.Prefix;
        _next++;
        return true;
    }

    /// <summary>Another host starts.</summary>
    public void Restart() => Array.Clear(_passed);
}
