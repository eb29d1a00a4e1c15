using System.Collections.Immutable;
using Sluice.Engine.Definitions;

namespace Sluice.Engine.Checking;

/// <summary>The order of a workflow's steps as known before any run: which come earlier, and which never run together.</summary>
internal sealed class StepOrder
{
    private readonly Dictionary<string, StepPlace> _places = new(StringComparer.Ordinal);

    public StepOrder(WorkflowDefinition definition) => Add(definition.Steps, []);

    public IEnumerable<string> Keys => _places.Keys;

    /// <summary>Finds a step by key; null if there is none.</summary>
    public StepDefinition? Find(string key) => _places.GetValueOrDefault(key)?.Step;

    /// <summary>
    /// Returns how the step <paramref name="key"/> relates to <paramref name="reader"/>, which reads its output. Both are in the workflow.
    /// </summary>
    public StepRelation Relate(string key, string reader)
    {
        var (from, to) = (_places[key], _places[reader]);
        if (key == reader)
        {
            return new StepRelation.Itself();
        }

        foreach (var (left, right) in from.Way.Zip(to.Way))
        {
            if (left.Gate != right.Gate)
            {
                break;
            }

            if (left.Port != right.Port)
            {
                return new StepRelation.Apart(left.Gate, left.Port, right.Port);
            }
        }

        return from.Index < to.Index ? new StepRelation.Earlier() : new StepRelation.Later();
    }

    private void Add(ImmutableArray<StepDefinition> steps, ImmutableArray<(string Gate, string Port)> way)
    {
        foreach (var step in steps)
        {
            // A duplicate key is reported separately; the first step with it counts.
            _places.TryAdd(step.Key, new StepPlace(_places.Count, step, way));
            foreach (var branch in step.Branches)
            {
                Add(branch.Steps, way.Add((step.Key, branch.Port)));
            }
        }
    }

    private sealed record StepPlace(int Index, StepDefinition Step, ImmutableArray<(string Gate, string Port)> Way);
}

/// <summary>How one step relates to another that reads it.</summary>
internal abstract record StepRelation
{
    /// <summary>It is the same step.</summary>
    internal sealed record Itself : StepRelation;

    /// <summary>It comes before the reader, always or on some paths of the run.</summary>
    internal sealed record Earlier : StepRelation;

    /// <summary>It comes after the reader.</summary>
    internal sealed record Later : StepRelation;

    /// <summary>The two are in different branches of one step: no run executes both.</summary>
    internal sealed record Apart(string Gate, string Port, string OtherPort) : StepRelation;
}
