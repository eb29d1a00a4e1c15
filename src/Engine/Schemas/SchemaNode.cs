using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Sluice.Engine.Schemas;

/// <summary>One schema: the rules that its keywords make. A value fits where all of them hold.</summary>
internal sealed class SchemaNode
{
    /// <summary>Whether it is the schema <c>false</c>.</summary>
    public bool IsNever { get; init; }

    /// <summary>The rules; those that ask what the others evaluated come last.</summary>
    public ImmutableArray<SchemaRule> Rules { get; set; } = [];

    /// <summary>The schemas that are asked about the same value: a circle of them would never come to an end.</summary>
    public List<SchemaNode> InPlace { get; } = [];

    public bool Holds(JsonElement value, SchemaFrame frame)
    {
        frame.Run.Spend(1);
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new SchemaLimitException();
        }

        if (IsNever)
        {
            return frame.Fail("is not allowed here.");
        }

        var seen = frame.Run.Tracks ? new Evaluated() : null;
        var inside = frame with { Seen = seen };
        var holds = true;
        foreach (var rule in Rules)
        {
            holds &= rule.Holds(value, inside);
            if (!holds && frame.Errors is null)
            {
                return false;
            }
        }

        if (holds && seen is not null)
        {
            frame.Seen?.Add(seen);
        }

        return holds;
    }
}

/// <summary>What one keyword, or a few that belong together, ask of a value.</summary>
internal abstract class SchemaRule
{
    /// <summary>Whether it holds; values of a type that it does not speak of always fit.</summary>
    public abstract bool Holds(JsonElement value, SchemaFrame frame);
}
