using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Sluice.Engine.Expressions;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>What a step left whose output is stored apart. The output is not in memory; it can be read while <see cref="LoadedOutputs"/> has it.</summary>
/// <param name="record">The record of the step, without the output.</param>
internal sealed class LargeOutput(JournalEntry.Step record) : StepValue(StatusOf(record), record.Port, default)
{
    public JournalEntry.Step Record => record;

    /// <summary>The stored output until it is durable; null from then on.</summary>
    public ReadOnlyMemory<byte>? Undurable { get; set; }

    /// <summary>Whether it was said which of its secrets the host does not have.</summary>
    public bool HasWarned { get; set; }

    public override JsonElement Resolve(Reference reference) => reference.ReadsOutput
        ? throw new UnreachableException($"The output of step {record.Key} is read and was not loaded.")
        : base.Resolve(reference);
}

/// <summary>The outputs of one run that are stored apart. Callers hold a lock on the run's scope.</summary>
internal sealed class LargeOutputs
{
    /// <summary>The outputs that are in memory because they are not durable yet.</summary>
    public ImmutableArray<LargeOutput> Undurable { get; private set; } = [];

    /// <summary>What is loaded for the step under evaluation; null if it reads none.</summary>
    public LoadedOutputs? Loaded { get; set; }

    public void Add(LargeOutput output)
    {
        if (output.Undurable is not null)
        {
            Undurable = Undurable.Add(output);
        }
    }

    /// <summary>Drops the bytes of outputs that are durable by now.</summary>
    public void Drop(ImmutableArray<LargeOutput> durable)
    {
        foreach (var output in durable)
        {
            output.Undurable = null;
        }

        Undurable = Undurable.RemoveRange(durable);
    }
}

/// <summary>The outputs that were loaded for the evaluation of one step, and are dropped after it.</summary>
internal sealed class LoadedOutputs : IDisposable
{
    private readonly Dictionary<LargeOutput, StepValue> _values = [];

    public void Add(LargeOutput output, StepValue value) => _values.Add(output, value);

    public StepValue? Find(LargeOutput output) => _values.GetValueOrDefault(output);

    public void Dispose()
    {
        foreach (var value in _values.Values)
        {
            value.Dispose();
        }

        _values.Clear();
    }
}
