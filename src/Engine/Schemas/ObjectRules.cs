using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sluice.Engine.Schemas;

/// <summary><c>properties</c>, <c>patternProperties</c> and <c>additionalProperties</c>, in one pass over the members.</summary>
internal sealed class MembersRule(
    FrozenDictionary<string, SchemaNode> named, ImmutableArray<(Regex Pattern, SchemaNode Schema)> patterned, SchemaNode? others) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame)
    {
        if (value.ValueKind is not JsonValueKind.Object)
        {
            return true;
        }

        var holds = true;
        foreach (var member in value.EnumerateObject())
        {
            holds &= HoldsFor(member.Name, member.Value, frame);
            if (!holds && frame.Errors is null)
            {
                return false;
            }
        }

        return holds;
    }

    private bool HoldsFor(string name, JsonElement value, SchemaFrame frame)
    {
        frame.Run.Spend(1 + patterned.Length);
        var (found, holds) = (false, true);
        if (named.TryGetValue(name, out var schema))
        {
            found = true;
            holds &= schema.Holds(value, frame.Below(name));
        }

        foreach (var (pattern, patternedSchema) in patterned)
        {
            if (pattern.IsMatch(name))
            {
                found = true;
                holds &= patternedSchema.Holds(value, frame.Below(name));
            }
        }

        if (!found && others is not null)
        {
            found = true;
            holds &= others.IsNever ? frame.Below(name).Fail(NotKnown()) : others.Holds(value, frame.Below(name));
        }

        if (found)
        {
            frame.Seen?.Name(name);
        }

        return holds;
    }

    private string NotKnown() => named.Count is > 0 and <= 20 ? $"is not a known member. Known: {string.Join(", ", named.Keys.Order(StringComparer.Ordinal))}." : "is not a known member.";
}

/// <summary><c>required</c>.</summary>
internal sealed class RequiredRule(ImmutableArray<string> names) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame)
    {
        if (value.ValueKind is not JsonValueKind.Object)
        {
            return true;
        }

        frame.Run.Spend(names.Length * (1 + (value.GetPropertyCount() / 64)));
        var holds = true;
        foreach (var name in names)
        {
            holds &= value.TryGetProperty(name, out _) || frame.Below(name).Fail("is missing.");
        }

        return holds;
    }
}

/// <summary><c>dependentRequired</c> and <c>dependentSchemas</c>: what applies if a member is present.</summary>
internal sealed class DependentRule(string name, SchemaRule? required, SchemaNode? schema) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame) =>
        value.ValueKind is not JsonValueKind.Object || !value.TryGetProperty(name, out _)
        || ((required?.Holds(value, frame) ?? true) & (schema?.Holds(value, frame) ?? true));
}

/// <summary><c>propertyNames</c>.</summary>
internal sealed class NamesRule(SchemaNode schema) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame)
    {
        if (value.ValueKind is not JsonValueKind.Object)
        {
            return true;
        }

        var holds = true;
        foreach (var member in value.EnumerateObject())
        {
            var name = JsonSerializer.SerializeToElement(member.Name, SchemaText.Default.String);
            holds &= schema.Holds(name, frame.Quietly() with { Seen = null }) || frame.Below(member.Name).Fail("has a name that is not allowed here.");
            if (!holds && frame.Errors is null)
            {
                return false;
            }
        }

        return holds;
    }
}

/// <summary><c>minProperties</c>, <c>maxProperties</c>, <c>minItems</c> and <c>maxItems</c>.</summary>
internal sealed class CountRule(JsonValueKind kind, long least, long most) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame)
    {
        if (value.ValueKind != kind)
        {
            return true;
        }

        var count = kind is JsonValueKind.Array ? value.GetArrayLength() : value.GetPropertyCount();
        return (count >= least || frame.Fail(Words(least, "at least"))) && (count <= most || frame.Fail(Words(most, "at most")));
    }

    private string Words(long bound, string words)
    {
        var thing = kind is JsonValueKind.Array ? "item" : "member";
        return string.Create(CultureInfo.InvariantCulture, $"must have {words} {bound} {thing}{(bound == 1 ? "" : "s")}.");
    }
}

/// <summary><c>unevaluatedProperties</c>: the members that no other rule has evaluated.</summary>
internal sealed class OtherMembersRule(SchemaNode schema) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame)
    {
        if (value.ValueKind is not JsonValueKind.Object)
        {
            return true;
        }

        var holds = true;
        foreach (var member in value.EnumerateObject().Where(member => !frame.Seen!.HasName(member.Name)).ToList())
        {
            frame.Run.Spend(1);
            holds &= schema.Holds(member.Value, frame.Below(member.Name));
            frame.Seen!.Name(member.Name);
        }

        return holds;
    }
}
