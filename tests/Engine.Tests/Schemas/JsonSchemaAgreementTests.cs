using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Json.Schema;
using Sluice.Engine.Schemas;
using Sluice.Engine.Text;
using TheirSchema = Json.Schema.JsonSchema;

namespace Sluice.Engine.Tests.Schemas;

/// <summary>Schemas are read as the draft has them: an independent implementation says the same of every value.</summary>
public sealed class JsonSchemaAgreementTests
{
    private static readonly string[] MemberNames = ["a", "ab", "b", "é"];

    private static readonly Gen<JsonNode?> Leaves = Gen.OneOf(
        Gen.Const(() => (JsonNode?)null),
        Gen.Bool.Select(value => (JsonNode?)JsonValue.Create(value)),
        Gen.Int[-3, 12].Select(value => (JsonNode?)JsonValue.Create(value)),
        OneOf("1.0", "2.5", "-0.5", "1e1", "0.01").Select(JsonNode? (text) => JsonNode.Parse(text)),
        OneOf("", "a", "ab", "aab", "b1", "12", "é", "😀").Select(value => (JsonNode?)JsonValue.Create(value)));

    private static readonly Gen<(string Schema, string Value)> Cases = Gen.Select(Root(), Values(3))
        .Select((schema, value) => (schema.ToJsonString(), value?.ToJsonString() ?? "null"));

    [Fact]
    public void Another_implementation_says_the_same_of_every_value() => Cases.Sample(
        (schema, value) =>
        {
            using var parsed = JsonDocument.Parse(value);
            Assert.Equal(Theirs(schema, parsed.RootElement), Ours(schema, parsed.RootElement));
        },
        iter: 1_500);

    private static bool Theirs(string schema, JsonElement value) =>
        TheirSchema.FromText(schema, new BuildOptions { SchemaRegistry = new SchemaRegistry() }).Evaluate(value).IsValid;

    private static bool Ours(string schema, JsonElement value)
    {
        var problems = new List<Problem>();
        var read = SchemaReader.Read(YamlReader.Read(schema).Root!, "schema", problems);
        Assert.Empty(problems);
        return read!.Check(value).Count == 0;
    }

    private static Gen<JsonNode?> Values(int depth) => depth == 0
        ? Leaves
        : Gen.Frequency(
            (2, Leaves),
            (2, Values(depth - 1).Array[0, 4].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())]))),
            (3, Gen.Select(OneOf(MemberNames), Values(depth - 1)).Array[0, 3].Select(members =>
                (JsonNode?)new JsonObject(members.DistinctBy(member => member.Item1).Select(member => KeyValuePair.Create(member.Item1, member.Item2?.DeepClone()))))));

    private static Gen<JsonNode> Root() => Gen.Select(Schemas(2), Schemas(1), Gen.Bool).Select((schema, shared, refers) =>
    {
        if (schema is not JsonObject root)
        {
            return schema;
        }

        root["$defs"] = new JsonObject { ["shared"] = shared.DeepClone() };
        if (refers)
        {
            root["$ref"] = "#/$defs/shared";
        }

        return root;
    });

    private static Gen<JsonNode> Schemas(int depth) => Gen.Frequency(
        (1, Gen.Bool.Select(value => (JsonNode)JsonValue.Create(value))),
        (9, Keywords(depth).Array[1, 4].Select(keywords =>
            (JsonNode)new JsonObject(keywords.SelectMany(group => group).DistinctBy(keyword => keyword.Name)
                .Select(keyword => KeyValuePair.Create(keyword.Name, keyword.Value?.DeepClone()))))));

    private static Gen<(string Name, JsonNode? Value)[]> Keywords(int depth)
    {
        var counts = Gen.Int[0, 3].Select(value => (JsonNode?)JsonValue.Create(value));
        var numbers = OneOf("0", "1", "2.5", "10", "-1").Select(text => JsonNode.Parse(text));
        List<Gen<(string, JsonNode?)[]>> simple =
        [
            One("type", OneOf("string", "number", "integer", "boolean", "array", "object", "null").Select(name => (JsonNode?)JsonValue.Create(name))),
            One("type", Gen.Const(() => JsonNode.Parse("""["integer","string","object"]"""))),
            One("enum", Values(1).Array[1, 3].Select(values => (JsonNode?)new JsonArray([.. values.Select(value => value?.DeepClone())]))),
            One("const", Values(1)),
            One("minimum", numbers),
            One("maximum", numbers),
            One("exclusiveMinimum", numbers),
            One("exclusiveMaximum", numbers),
            One("multipleOf", OneOf("0.5", "1", "3", "0.01").Select(text => JsonNode.Parse(text))),
            One("minLength", counts),
            One("maxLength", counts),
            One("pattern", OneOf("^a", "b$", @"\d", "^[^a]*$", @"^\w+$").Select(text => (JsonNode?)JsonValue.Create(text))),
            One("required", OneOf(MemberNames).Array[0, 2].Select(names => (JsonNode?)new JsonArray([.. names.Distinct().Select(name => JsonValue.Create(name))]))),
            One("dependentRequired", Gen.Const(() => JsonNode.Parse("""{"a":["b"],"ab":[]}"""))),
            One("minProperties", counts),
            One("maxProperties", counts),
            One("minItems", counts),
            One("maxItems", counts),
            One("uniqueItems", Gen.Bool.Select(value => (JsonNode?)JsonValue.Create(value))),
        ];
        if (depth == 0)
        {
            return Gen.OneOf([.. simple]);
        }

        var schema = Schemas(depth - 1);
        var list = schema.Array[1, 3].Select(schemas => (JsonNode?)new JsonArray([.. schemas.Select(one => one.DeepClone())]));
        var nodes = schema.Select(one => (JsonNode?)one);
        List<Gen<(string, JsonNode?)[]>> applying =
        [
            One("properties", Members(schema, MemberNames)),
            One("properties", Members(schema, MemberNames)),
            One("patternProperties", Members(schema, ["^a", "b$"])),
            One("additionalProperties", nodes),
            One("propertyNames", nodes),
            One("dependentSchemas", Members(schema, MemberNames)),
            One("unevaluatedProperties", nodes),
            One("items", nodes),
            One("prefixItems", list),
            One("unevaluatedItems", nodes),
            Gen.Select(nodes, counts, counts).Select((contains, least, most) => new (string, JsonNode?)[] { ("contains", contains), ("minContains", least), ("maxContains", most) }),
            One("contains", nodes),
            One("allOf", list),
            One("anyOf", list),
            One("oneOf", list),
            One("not", nodes),
            Gen.Select(nodes, nodes, nodes).Select((condition, then, otherwise) => new (string, JsonNode?)[] { ("if", condition), ("then", then), ("else", otherwise) }),
        ];
        return Gen.OneOf([.. simple, .. applying, .. applying]);
    }

    private static Gen<JsonNode?> Members(Gen<JsonNode> schema, string[] names) => Gen.Select(OneOf(names), schema).Array[1, 2].Select(members =>
        (JsonNode?)new JsonObject(members.DistinctBy(member => member.Item1).Select(member => KeyValuePair.Create(member.Item1, (JsonNode?)member.Item2.DeepClone()))));

    private static Gen<(string, JsonNode?)[]> One(string name, Gen<JsonNode?> value) => value.Select(made => new[] { (name, made) });

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);
}
