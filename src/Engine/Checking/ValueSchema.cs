using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Sdk;

namespace Sluice.Engine.Checking;

/// <summary>Describes the values that are allowed: the part of JSON Schema (2020-12) that node specs use, parsed once.</summary>
/// <remarks>Unsupported keywords allow everything; the node itself makes the final check.</remarks>
internal sealed class ValueSchema
{
    public static readonly ValueSchema Anything = new();

    private string? _pattern;
    private PatternForm? _form;

    private ValueSchema()
    {
        Additional = this;
        Items = this;
    }

    /// <summary>The JSON types allowed; empty for all.</summary>
    public ImmutableArray<string> Types { get; private set; } = [];

    /// <summary>The values allowed, as JSON; empty for all.</summary>
    public ImmutableArray<JsonElement> Values { get; private set; } = [];

    /// <summary>The schemas of which at least one must match; empty for none.</summary>
    public ImmutableArray<ValueSchema> AnyOf { get; private set; } = [];

    /// <summary>
    /// The member whose constant value distinguishes the schemas of <see cref="AnyOf"/>, one of which may omit it; null if there is none.
    /// </summary>
    public string? Discriminator => AnyOf.Length < 2
        ? null
        : AnyOf.SelectMany(option => option.Properties.Where(property => property.Value.Values.Length == 1)).Select(property => property.Key).Distinct()
            .FirstOrDefault(name =>
                AnyOf.All(option => option.Properties.GetValueOrDefault(name) is null or { Values.Length: 1 })
                && AnyOf.Count(option => !option.Properties.ContainsKey(name)) <= 1);

    public IReadOnlyDictionary<string, ValueSchema> Properties { get; private set; } = FrozenDictionary<string, ValueSchema>.Empty;

    /// <summary>The names of the properties in the order of the schema.</summary>
    public ImmutableArray<string> Names { get; private set; } = [];

    public ImmutableArray<string> Required { get; private set; } = [];

    /// <summary>Whether an object may have only the members in <see cref="Properties"/>.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>The schema of members that are not in <see cref="Properties"/>.</summary>
    public ValueSchema Additional { get; private set; }

    /// <summary>The schema of the items of a list.</summary>
    public ValueSchema Items { get; private set; }

    public double? Minimum { get; private set; }

    public double? Maximum { get; private set; }

    /// <summary>All bounds, including those of numbers.</summary>
    public ImmutableArray<SchemaBound> Bounds { get; private set; } = [];

    /// <summary>The pattern of a string; null for any. Compiled on first use, because that takes longer than parsing the rest.</summary>
    public Regex? Pattern => _pattern is null ? null : (_form ??= Form(_pattern)).Regex;

    /// <summary>An example value as JSON; null if the schema has none.</summary>
    public string? Example { get; private set; }

    /// <summary>Whether the value may hold expressions: <c>x-expressions</c>.</summary>
    public bool TakesExpressions { get; private set; } = true;

    /// <summary>Whether a value of a JSON type is allowed.</summary>
    public bool Allows(string type) =>
        (Types.IsEmpty || Types.Contains(type) || (type == "integer" && Types.Contains("number")))
        && (AnyOf.IsEmpty || AnyOf.Any(option => option.Allows(type)));

    /// <summary>The schema of a closed object.</summary>
    public static ValueSchema Object(params ImmutableArray<(string Name, ValueSchema Schema)> properties) => new()
    {
        Types = ["object"],
        IsClosed = true,
        Names = [.. properties.Select(property => property.Name)],
        Properties = properties.ToDictionary(property => property.Name, property => property.Schema, StringComparer.Ordinal),
    };

    /// <summary>The schema of a value that is one of the given values.</summary>
    public static ValueSchema OneOf(ImmutableArray<JsonElement> values) => new()
    {
        Types = values.All(value => value.ValueKind == JsonValueKind.String) ? ["string"] : [],
        Values = values,
        Additional = Anything,
        Items = Anything,
    };

    public static ValueSchema Read(JsonElement schema) => new Reader(schema).Read("#", schema);

    // The pattern comes from a plugin, so no string may make it slow. A pattern that can't guarantee that is left to the node.
    private static PatternForm Form(string pattern)
    {
        try
        {
            return new PatternForm(new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
        }
        catch (Exception unsupported) when (unsupported is ArgumentException or NotSupportedException)
        {
            return new PatternForm(null);
        }
    }

    private sealed record PatternForm(Regex? Regex);

    /// <summary>Reads a schema and resolves its references, each location once, so that a recursive type becomes a loop.</summary>
    private sealed class Reader(JsonElement root)
    {
        private readonly Dictionary<string, ValueSchema> _read = new(StringComparer.Ordinal);

        public ValueSchema Read(string pointer, JsonElement source)
        {
            if (_read.TryGetValue(pointer, out var known))
            {
                return known;
            }

            if (source.ValueKind == JsonValueKind.Object && source.TryGetProperty("$ref", out var reference))
            {
                return Follow(pointer, reference.GetString() ?? "#");
            }

            var schema = new ValueSchema { Additional = Anything, Items = Anything };
            _read[pointer] = schema;
            if (source.ValueKind == JsonValueKind.Object)
            {
                Fill(schema, pointer, source);
            }

            return schema;
        }

        private ValueSchema Follow(string pointer, string target)
        {
            // A reference that is unresolved or circular does not restrict a value.
            _read[pointer] = Anything;
            var schema = Find(target) is { } found ? Read(target, found) : Anything;
            _read[pointer] = schema;
            return schema;
        }

        private JsonElement? Find(string target)
        {
            var place = root;
            // Anchors are not resolved, so they do not restrict a value.
            if (target is not ("#" or ['#', '/', ..]))
            {
                return null;
            }

            foreach (var part in target.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                var name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
                if (place.ValueKind == JsonValueKind.Object && place.TryGetProperty(name, out var member))
                {
                    place = member;
                }
                else if (place.ValueKind == JsonValueKind.Array && int.TryParse(name, out var index) && index >= 0 && index < place.GetArrayLength())
                {
                    place = place[index];
                }
                else
                {
                    return null;
                }
            }

            return place;
        }

        private void Fill(ValueSchema schema, string pointer, JsonElement source)
        {
            schema.Bounds = [.. SchemaBound.Of(source)];
            foreach (var keyword in source.EnumerateObject())
            {
                var value = keyword.Value;
                switch (keyword.Name)
                {
                    case "type":
                        schema.Types = value.ValueKind == JsonValueKind.Array ? Strings(value) : [value.GetString()!];
                        break;
                    case "enum":
                        schema.Values = [.. value.EnumerateArray()];
                        break;
                    case "const":
                        schema.Values = [value];
                        break;
                    case "anyOf" or "oneOf":
                        schema.AnyOf = [.. value.EnumerateArray().Select((option, index) => Read($"{pointer}/{keyword.Name}/{index}", option))];
                        break;
                    case "properties":
                        schema.Names = [.. value.EnumerateObject().Select(property => property.Name)];
                        schema.Properties = value.EnumerateObject().ToFrozenDictionary(
                            property => property.Name, property => Read($"{pointer}/properties/{Escape(property.Name)}", property.Value));
                        break;
                    case "required":
                        schema.Required = Strings(value);
                        break;
                    case "additionalProperties":
                        schema.IsClosed = value.ValueKind == JsonValueKind.False && !source.TryGetProperty("patternProperties", out _);
                        schema.Additional = Read($"{pointer}/additionalProperties", value);
                        break;
                    case "items" when !source.TryGetProperty("prefixItems", out _):
                        schema.Items = Read($"{pointer}/items", value);
                        break;
                    case "pattern":
                        schema._pattern = value.GetString();
                        break;
                    case "examples" when value.GetArrayLength() > 0:
                        schema.Example = value[0].GetRawText();
                        break;
                    case "minimum":
                        schema.Minimum = value.GetDouble();
                        break;
                    case "maximum":
                        schema.Maximum = value.GetDouble();
                        break;
                    case "x-expressions":
                        schema.TakesExpressions = value.ValueKind != JsonValueKind.False;
                        break;
                }
            }
        }

        private static ImmutableArray<string> Strings(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];

        private static string Escape(string name) =>
            name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
    }
}
