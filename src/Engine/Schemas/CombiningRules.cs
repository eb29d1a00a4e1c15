using System.Collections.Immutable;
using System.Text.Json;

namespace Sluice.Engine.Schemas;

/// <summary><c>allOf</c>, and <c>$ref</c> as an <c>allOf</c> with one schema.</summary>
internal sealed class AllRule(ImmutableArray<SchemaNode> schemas) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame)
    {
        var holds = true;
        foreach (var schema in schemas)
        {
            holds &= schema.Holds(value, frame);
            if (!holds && frame.Errors is null)
            {
                return false;
            }
        }

        return holds;
    }
}

/// <summary><c>$ref</c>; its schema is resolved after all have been read.</summary>
internal sealed class RefRule : SchemaRule
{
    public SchemaNode? Target { get; set; }

    public override bool Holds(JsonElement value, SchemaFrame frame) => Target!.Holds(value, frame);
}

/// <summary><c>anyOf</c>.</summary>
internal sealed class AnyRule(ImmutableArray<SchemaNode> schemas) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame)
    {
        var any = false;
        foreach (var schema in schemas)
        {
            any |= schema.Holds(value, frame.Quietly());
            if (any && frame.Seen is null)
            {
                return true;
            }
        }

        return any || Closest.Fail(schemas, value, frame);
    }
}

/// <summary><c>oneOf</c>.</summary>
internal sealed class OneRule(ImmutableArray<SchemaNode> schemas) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame)
    {
        var count = 0;
        foreach (var schema in schemas)
        {
            count += schema.Holds(value, frame.Quietly()) ? 1 : 0;
        }

        return count switch
        {
            1 => true,
            0 => Closest.Fail(schemas, value, frame),
            _ => frame.Fail("fits more than one of the forms that exclude each other here."),
        };
    }
}

/// <summary><c>not</c>.</summary>
internal sealed class NotRule(SchemaNode schema) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame) =>
        !schema.Holds(value, frame.Quietly() with { Seen = null }) || frame.Fail("has a form that is not allowed here.");
}

/// <summary><c>if</c>, <c>then</c> and <c>else</c>.</summary>
internal sealed class IfRule(SchemaNode condition, SchemaNode? then, SchemaNode? otherwise) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame) =>
        (condition.Holds(value, frame.Quietly()) ? then : otherwise)?.Holds(value, frame) ?? true;
}

/// <summary>Reports the errors of the alternative that a value comes closest to, if it matches none.</summary>
internal static class Closest
{
    public static bool Fail(ImmutableArray<SchemaNode> schemas, JsonElement value, SchemaFrame frame)
    {
        if (frame.Errors is null)
        {
            return false;
        }

        var found = schemas.Select(schema =>
        {
            var errors = new List<SchemaError>();
            schema.Holds(value, frame with { Errors = errors, Seen = null });
            return errors;
        }).ToArray();
        foreach (var error in ClosestOf(found).Take(JsonSchema.MostErrors - frame.Errors.Count))
        {
            frame.Errors.Add(error);
        }

        return false;
    }

    // A member with a constant value distinguishes the alternatives of a union. A value that matches none of the constants gets the list of
    // them; a value of one alternative gets the errors of that one, even if another has fewer.
    private static List<SchemaError> ClosestOf(List<SchemaError>[] found)
    {
        var path = found[0].FirstOrDefault(error => error.Only is not null)?.Path;
        if (found.Length > 1 && path is not null && found.All(errors => errors.Any(error => error.Path == path && error.Only is not null)))
        {
            var values = found.Select(errors => errors.First(error => error.Path == path && error.Only is not null).Only).Distinct();
            return [new SchemaError(path, $"must be one of {string.Join(", ", values)}.")];
        }

        var named = found.Where(errors => errors.All(error => error.Only is null)).ToArray();
        return (named.Length > 0 ? named : found).MinBy(errors => errors.Count) ?? [];
    }
}
