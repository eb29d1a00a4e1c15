using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Sluice.Sdk;

/// <summary>
/// The bounds of a config schema, compiled once and checked before each call of the node. Because it is on the hot path, it reads the bytes of the JSON
/// and allocates nothing.
/// </summary>
internal sealed class SpecBounds
{
    private readonly Place _root;

    private SpecBounds(Place root) => _root = root;

    /// <summary>Compiles the bounds of a schema; null if it has none.</summary>
    public static SpecBounds? Of(JsonElement schema) => new Compiler(schema).Compile() is { } root ? new SpecBounds(root) : null;

    /// <summary>Returns whether every value of a config is within its bounds. The config must be valid JSON.</summary>
    public bool Hold(ReadOnlySpan<byte> config)
    {
        var reader = new Utf8JsonReader(config);
        return !reader.Read() || Holds(ref reader, _root);
    }

    private static bool Holds(ref Utf8JsonReader reader, Place place)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ObjectHolds(ref reader, place);
            case JsonTokenType.StartArray when place.Items is not null || place.BoundsCount:
                return ListHolds(ref reader, place);
            case JsonTokenType.StartArray:
                reader.Skip();
                return true;
            default:
                return place.Allows(ref reader);
        }
    }

    private static bool ListHolds(ref Utf8JsonReader reader, Place place)
    {
        var count = 0;
        for (; reader.Read() && reader.TokenType is not JsonTokenType.EndArray; count++)
        {
            if (place.Items is null)
            {
                reader.Skip();
            }
            else if (!Holds(ref reader, place.Items))
            {
                return false;
            }
        }

        return place.AllowsItems(count);
    }

    private static bool ObjectHolds(ref Utf8JsonReader reader, Place place)
    {
        var form = place.Forms.IsEmpty ? null : place.FormOf(reader);
        var count = 0;
        for (; reader.Read() && reader.TokenType is JsonTokenType.PropertyName; count++)
        {
            var below = place.Below(ref reader) ?? form?.Below(ref reader);
            reader.Read();
            if (below is null)
            {
                reader.Skip();
            }
            else if (!Holds(ref reader, below))
            {
                return false;
            }
        }

        return place.AllowsMembers(count) && form?.AllowsMembers(count) != false;
    }

    /// <summary>The bounds of one value of a config, and of the values in it.</summary>
    private sealed class Place
    {
        public ImmutableArray<SchemaBound> Bounds { get; set; } = [];

        /// <summary>Whether the number of items or members is bounded.</summary>
        public bool BoundsCount { get; set; }

        public ImmutableArray<(byte[] Name, Place Value)> Members { get; set; } = [];

        /// <summary>The bounds of members that the schema does not name; null if there are none.</summary>
        public Place? Others { get; set; }

        /// <summary>The members that the schema names, if others have bounds.</summary>
        public ImmutableArray<byte[]> Named { get; set; } = [];

        public Place? Items { get; set; }

        public byte[] Discriminator { get; set; } = [];

        /// <summary>The forms of a union, by the value of their discriminator; null for the form without one.</summary>
        public ImmutableArray<(byte[]? Value, Place Form)> Forms { get; set; } = [];

        public bool Allows(ref Utf8JsonReader reader)
        {
            foreach (var bound in Bounds)
            {
                if (!bound.Allows(ref reader))
                {
                    return false;
                }
            }

            return true;
        }

        public bool AllowsItems(int count)
        {
            foreach (var bound in Bounds)
            {
                if (!bound.AllowsItems(count))
                {
                    return false;
                }
            }

            return true;
        }

        public bool AllowsMembers(int count)
        {
            foreach (var bound in Bounds)
            {
                if (!bound.AllowsMembers(count))
                {
                    return false;
                }
            }

            return true;
        }

        public Place? Below(ref Utf8JsonReader reader)
        {
            foreach (var (name, value) in Members)
            {
                if (reader.ValueTextEquals(name))
                {
                    return value;
                }
            }

            if (Others is not null)
            {
                foreach (var name in Named)
                {
                    if (reader.ValueTextEquals(name))
                    {
                        return null;
                    }
                }
            }

            return Others;
        }

        // Uses a copy of the reader, because the discriminator may be the last member.
        public Place? FormOf(Utf8JsonReader reader)
        {
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var isDiscriminator = reader.ValueTextEquals(Discriminator);
                reader.Read();
                if (isDiscriminator)
                {
                    return FormNamed(ref reader);
                }

                reader.Skip();
            }

            foreach (var (value, form) in Forms)
            {
                if (value is null)
                {
                    return form;
                }
            }

            return null;
        }

        private Place? FormNamed(ref Utf8JsonReader reader)
        {
            foreach (var (value, form) in Forms)
            {
                if (value is not null && (reader.TokenType is JsonTokenType.String ? reader.ValueTextEquals(value) : reader.ValueSpan.SequenceEqual(value)))
                {
                    return form;
                }
            }

            return null;
        }
    }

    /// <summary>Compiles a schema. Each reference is read once, so a recursive type becomes a cycle. Places without bounds are omitted.</summary>
    private sealed class Compiler(JsonElement root)
    {
        private readonly Dictionary<string, Place> _referred = new(StringComparer.Ordinal);

        public Place? Compile()
        {
            var place = Read(root);
            return IsBounded(place) ? Trimmed(place, []) : null;
        }

        private Place Read(JsonElement schema)
        {
            if (schema.ValueKind is not JsonValueKind.Object)
            {
                return new Place();
            }

            if (!schema.TryGetProperty("$ref", out var reference))
            {
                return Fill(new Place(), schema);
            }

            var pointer = reference.GetString()!;
            return _referred.TryGetValue(pointer, out var known)
                ? known
                : Fill(_referred[pointer] = new Place(), SchemaCheck.Resolve(root, schema));
        }

        private Place Fill(Place place, JsonElement schema)
        {
            if (schema.ValueKind is not JsonValueKind.Object)
            {
                return place;
            }

            place.Bounds = [.. SchemaBound.Of(schema)];
            place.BoundsCount = place.Bounds.Any(bound => bound.BoundsCount);
            if (schema.TryGetProperty("properties", out var properties))
            {
                place.Members = [.. properties.EnumerateObject().Select(property => (Encoding.UTF8.GetBytes(property.Name), Read(property.Value)))];
                place.Named = [.. place.Members.Select(member => member.Name)];
            }

            place.Others = schema.TryGetProperty("additionalProperties", out var others) ? Read(others) : null;
            place.Items = schema.TryGetProperty("items", out var items) ? Read(items) : null;
            if (SchemaUnion.Of(root, schema) is { } union)
            {
                place.Discriminator = Encoding.UTF8.GetBytes(union.Discriminator);
                place.Forms =
                [
                    .. union.Forms.Select(form => ((byte[]?)Encoding.UTF8.GetBytes(form.Value.ToString()), Read(form.Form))),
                    .. union.Default is { } form ? new (byte[]?, Place)[] { (null, Read(form)) } : [],
                ];
            }

            return place;
        }

        private static bool IsBounded(Place? place) => IsBounded(place, []);

        private static bool IsBounded(Place? place, HashSet<Place> seen) =>
            place is not null && seen.Add(place)
            && (!place.Bounds.IsEmpty || place.Members.Any(member => IsBounded(member.Value, seen)) || IsBounded(place.Others, seen)
                || IsBounded(place.Items, seen) || place.Forms.Any(form => IsBounded(form.Form, seen)));

        // This looks at everything reachable, so the order of trimming does not matter.
        private static Place Trimmed(Place place, HashSet<Place> seen)
        {
            if (seen.Add(place))
            {
                place.Members = [.. place.Members.Where(member => IsBounded(member.Value))];
                place.Forms = [.. place.Forms.Where(form => form.Value is null || IsBounded(form.Form))];
                place.Others = IsBounded(place.Others) ? place.Others : null;
                place.Items = IsBounded(place.Items) ? place.Items : null;
                Place?[] below = [.. place.Members.Select(member => member.Value), .. place.Forms.Select(form => form.Form), place.Others, place.Items];
                foreach (var next in below.OfType<Place>())
                {
                    Trimmed(next, seen);
                }
            }

            return place;
        }
    }
}
