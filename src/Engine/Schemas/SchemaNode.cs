using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Sluice.Engine.Schemas;

/// <summary>One schema: the rules of its keywords. A value is valid if all rules accept it.</summary>
internal sealed class SchemaNode
{
    /// <summary>Whether it is the schema <c>false</c>.</summary>
    public bool IsNever { get; init; }

    /// <summary>The rules. Those that depend on what the others evaluated come last.</summary>
    public ImmutableArray<SchemaRule> Rules { get; set; } = [];

    /// <summary>The subschemas that apply to the same value; a cycle of them would never end.</summary>
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

/// <summary>What one keyword, or a few related keywords, require of a value.</summary>
internal abstract class SchemaRule
{
    /// <summary>Whether a value is valid. Values of a type that the rule does not apply to are always valid.</summary>
    public abstract bool Holds(JsonElement value, SchemaFrame frame);
}
