using System.Text.Json;

namespace Sluice.Engine.Text;

/// <summary>Extends values as written: their JSON, their type in words, and the positions of their parts.</summary>
internal static class SourceValues
{
    /// <summary>Returns the value's type for messages: <c>a string</c>.</summary>
    public static string TypeInWords(this SourceNode node) => node switch
    {
        SourceNode.Object => "an object",
        SourceNode.Array => "a list",
        SourceNode.Text => "a string",
        SourceNode.Literal { Json: "null" } => "null",
        SourceNode.Literal { Json: "true" or "false" } => "true or false",
        _ => "a number",
    };

    public static bool IsNull(this SourceNode node) => node is SourceNode.Literal { Json: "null" };

    /// <summary>Writes the value unchanged; expressions stay strings.</summary>
    public static void WriteTo(this SourceNode node, Utf8JsonWriter writer)
    {
        switch (node)
        {
            case SourceNode.Object nested:
                writer.WriteStartObject();
                foreach (var member in nested.Members)
                {
                    writer.WritePropertyName(member.Name);
                    member.Value.WriteTo(writer);
                }

                writer.WriteEndObject();
                break;
            case SourceNode.Array list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                {
                    item.WriteTo(writer);
                }

                writer.WriteEndArray();
                break;
            case SourceNode.Text text:
                writer.WriteStringValue(text.Value);
                break;
            case SourceNode.Literal literal:
                writer.WriteRawValue(literal.Json);
                break;
        }
    }

    /// <summary>Returns the value as UTF-8 JSON; expressions stay strings.</summary>
    public static byte[] ToJson(this SourceNode node)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            node.WriteTo(writer);
        }

        return stream.ToArray();
    }

    /// <summary>
    /// Returns the position of the part at a path such as <c>conditions[0].operator</c>, or of its deepest ancestor that exists.
    /// </summary>
    public static Position PlaceOf(this SourceNode node, string path)
    {
        foreach (var name in path.Split(['.', '[', ']', '\'', '"', '$'], StringSplitOptions.RemoveEmptyEntries))
        {
            var next = node switch
            {
                SourceNode.Object nested => nested[name],
                SourceNode.Array list when int.TryParse(name, out var index) && index >= 0 && index < list.Items.Length => list.Items[index],
                _ => null,
            };
            if (next is null)
            {
                break;
            }

            node = next;
        }

        return node.At;
    }

    /// <summary>
    /// Returns a condition as the source of a template; a constant is written without braces. Null if it is not a condition.
    /// </summary>
    public static string? ConditionText(this SourceNode condition) => condition switch
    {
        SourceNode.Text text => text.Value,
        SourceNode.Literal constant => $"{{{{ {constant.Json} }}}}",
        _ => null,
    };

    /// <summary>Returns all strings in the value.</summary>
    public static IEnumerable<SourceNode.Text> Texts(this SourceNode node) => node switch
    {
        SourceNode.Text text => [text],
        SourceNode.Object nested => nested.Members.SelectMany(member => member.Value.Texts()),
        SourceNode.Array list => list.Items.SelectMany(Texts),
        _ => [],
    };
}
