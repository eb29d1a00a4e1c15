using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Sluice.Engine.Schemas;

/// <summary><c>prefixItems</c> and <c>items</c>, in one pass over the items.</summary>
internal sealed class ItemsRule(ImmutableArray<SchemaNode> first, SchemaNode? others) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame)
    {
        if (value.ValueKind is not JsonValueKind.Array)
        {
            return true;
        }

        var (index, holds) = (0, true);
        foreach (var item in value.EnumerateArray())
        {
            var schema = index < first.Length ? first[index] : others;
            if (schema is null)
            {
                break;
            }

            holds &= schema.Holds(item, frame.Below(index));
            if (!holds && frame.Errors is null)
            {
                return false;
            }

            index++;
        }

        frame.Seen?.FirstItems(index);
        return holds;
    }
}

/// <summary><c>contains</c> with <c>minContains</c> and <c>maxContains</c>.</summary>
internal sealed class ContainsRule(SchemaNode schema, long least, long most) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame)
    {
        if (value.ValueKind is not JsonValueKind.Array)
        {
            return true;
        }

        var (index, count) = (0, 0L);
        foreach (var item in value.EnumerateArray())
        {
            if (schema.Holds(item, frame.Below(index).Quietly()))
            {
                frame.Seen?.Item(index);
                count++;
            }

            index++;
        }

        return (count >= least || frame.Fail(Words(least, "at least"))) && (count <= most || frame.Fail(Words(most, "at most")));
    }

    private static string Words(long bound, string words) =>
        string.Create(CultureInfo.InvariantCulture, $"must have {words} {bound} item{(bound == 1 ? "" : "s")} of the kind that its schema asks for.");
}

/// <summary><c>uniqueItems</c>.</summary>
internal sealed class UniqueRule : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame)
    {
        if (value.ValueKind is not JsonValueKind.Array || value.GetArrayLength() < 2)
        {
            return true;
        }

        // Compares the items by canonical text, which is the same for equal items; comparing all pairs would take quadratic time.
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in value.EnumerateArray())
        {
            var text = CanonicalText.Of(item);
            frame.Run.Spend(1 + (text.Length / 16));
            if (!texts.Add(text))
            {
                return frame.Fail("must not hold the same item twice.");
            }
        }

        return true;
    }
}

/// <summary><c>unevaluatedItems</c>: the items that no other rule has evaluated.</summary>
internal sealed class OtherItemsRule(SchemaNode schema) : SchemaRule
{
    public override bool Holds(JsonElement value, SchemaFrame frame)
    {
        if (value.ValueKind is not JsonValueKind.Array)
        {
            return true;
        }

        var (index, holds) = (0, true);
        foreach (var item in value.EnumerateArray())
        {
            if (!frame.Seen!.HasItem(index))
            {
                holds &= schema.Holds(item, frame.Below(index));
            }

            index++;
        }

        frame.Seen!.FirstItems(index);
        return holds;
    }
}
