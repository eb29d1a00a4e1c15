using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Engine.Text;

namespace Sluice.Engine.Schemas;

/// <summary>
/// Reads the keywords of one schema into rules. Rejects unknown keywords, because a misspelled one would accept everything.
/// </summary>
internal sealed class SchemaKeywords(SchemaReader reader, SourceNode.Object source, string pointer, SchemaNode node) : KeywordReader(reader, source, pointer)
{
    private const string Draft = "https://json-schema.org/draft/2020-12/schema";

    private static readonly string[] Types = ["string", "number", "integer", "boolean", "array", "object", "null"];

    // Keywords that describe a value without restricting it.
    private static readonly FrozenSet<string> Annotations =
    [
        "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment",
        "format", "contentEncoding", "contentMediaType", "contentSchema",
    ];

    private static readonly ImmutableArray<string> Known =
    [
        "type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern",
        "properties", "patternProperties", "additionalProperties", "required", "minProperties", "maxProperties", "propertyNames",
        "dependentRequired", "dependentSchemas", "unevaluatedProperties",
        "items", "prefixItems", "contains", "minContains", "maxContains", "minItems", "maxItems", "uniqueItems", "unevaluatedItems",
        "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "$ref", "$defs", "definitions", "$anchor", "$schema", "$id", .. Annotations,
    ];

    private readonly ImmutableArray<SchemaRule>.Builder _rules = ImmutableArray.CreateBuilder<SchemaRule>();

    public ImmutableArray<SchemaRule> Read()
    {
        RefuseUnknown();
        ReadIdentity();
        ReadValue();
        ReadMembers();
        ReadItems();
        ReadCombinations();
        // Last, because they depend on what the others have evaluated.
        if (Schema("unevaluatedProperties", inPlace: false) is { } otherMembers)
        {
            Reader.Track();
            _rules.Add(new OtherMembersRule(otherMembers));
        }

        if (Schema("unevaluatedItems", inPlace: false) is { } otherItems)
        {
            Reader.Track();
            _rules.Add(new OtherItemsRule(otherItems));
        }

        return _rules.ToImmutable();
    }

    private void RefuseUnknown()
    {
        foreach (var member in Source.Members.Where(member => !Known.Contains(member.Name) && !member.Name.StartsWith("x-", StringComparison.Ordinal)))
        {
            var message = member.Name switch
            {
                "dependencies" => "'dependencies' belongs to an older draft; write dependentRequired or dependentSchemas.",
                "additionalItems" => "'additionalItems' belongs to an older draft; write prefixItems for the first items and items for the others.",
                "$dynamicRef" or "$dynamicAnchor" or "$recursiveRef" or "$recursiveAnchor" or "$vocabulary" =>
                    $"'{member.Name}' is not supported here; write $ref and $defs.",
                _ => $"'{member.Name}' is not a keyword of JSON Schema 2020-12.{DidYouMean.Hint(member.Name, Known)} A name of your own begins with x-.",
            };
            Reader.Note("unknown-field", message, $"{Pointer}/{member.Name}", member.NameAt);
        }
    }

    private void ReadIdentity()
    {
        if (Source["$schema"] is { } draft && (draft as SourceNode.Text)?.Value.TrimEnd('#') != Draft)
        {
            Wrong("$schema", $"Schemas are read as {Draft}; write that, or leave $schema out.", draft.At);
        }

        if (Source["$id"] is { } id && Pointer.Length > 0)
        {
            Wrong("$id", "Only the whole schema may have an $id: references stay within it. Remove this one.", id.At);
        }

        if (Text("$anchor") is { } anchor)
        {
            Reader.References.AddAnchor(anchor.Value, node);
        }

        if (Text("$ref") is { } reference)
        {
            _rules.Add(Reader.References.Refer(node, reference.Value, $"{Pointer}/$ref", reference.At));
        }

        // Always read, so that references find them.
        Schemas("$defs");
        Schemas("definitions");
    }

    private void ReadValue()
    {
        ReadType();
        if (Source["enum"] is { } values)
        {
            if (values is SourceNode.Array { Items.IsEmpty: false } list)
            {
                _rules.Add(new ValuesRule([.. list.Items.Select(SchemaReader.JsonOf)]));
            }
            else
            {
                Wrong("enum", "'enum' is a list of the values that are allowed.", values.At);
            }
        }

        if (Source["const"] is { } only)
        {
            _rules.Add(new ValuesRule([SchemaReader.JsonOf(only)]));
        }

        Bound("minimum", "at least", order => order >= 0);
        Bound("maximum", "at most", order => order <= 0);
        Bound("exclusiveMinimum", "more than", order => order > 0);
        Bound("exclusiveMaximum", "less than", order => order < 0);
        if (Number("multipleOf") is { } factor)
        {
            if (factor.GetDouble() > 0)
            {
                _rules.Add(new MultipleRule(factor));
            }
            else
            {
                Wrong("multipleOf", "'multipleOf' is a number above 0.", Source["multipleOf"]!.At);
            }
        }

        if (Counts("minLength", "maxLength") is var (least, most))
        {
            _rules.Add(new LengthRule(least, most));
        }

        if (Text("pattern") is { } pattern && Pattern(pattern.Value, "pattern", pattern.At) is { } regex)
        {
            _rules.Add(new PatternRule(regex, pattern.Value));
        }
    }

    private void ReadType()
    {
        var given = Source["type"];
        ImmutableArray<SourceNode> names = given switch
        {
            null => [],
            SourceNode.Array list => list.Items,
            _ => [given],
        };
        foreach (var name in names.Where(name => !Types.Contains((name as SourceNode.Text)?.Value)))
        {
            var written = (name as SourceNode.Text)?.Value;
            var quotes = name.IsNull() ? " In YAML the word null stands in quotes here." : "";
            Wrong("type", $"A type must be one of {string.Join(", ", Types)}, not {(written is null ? name.TypeInWords() : $"'{written}'")}.{DidYouMean.Hint(written ?? "", Types)}{quotes}", name.At);
        }

        if (given is SourceNode.Array { Items.IsEmpty: true })
        {
            Wrong("type", "'type' must be one type or a list of them, not an empty list.", given.At);
        }

        if (given is not null)
        {
            _rules.Add(new TypeRule([.. names.OfType<SourceNode.Text>().Select(name => name.Value)]));
        }
    }

    private void ReadMembers()
    {
        if (Names("required") is { } required)
        {
            _rules.Add(new RequiredRule(required));
        }

        var named = Schemas("properties");
        var patterned = Schemas("patternProperties")
            .Select(member => (Regex: Pattern(member.Name, $"patternProperties/{Escape(member.Name)}", member.At), member.Schema))
            .Where(member => member.Regex is not null)
            .Select(member => (member.Regex!, member.Schema))
            .ToImmutableArray();
        var others = Schema("additionalProperties", inPlace: false);
        if (named.Length > 0 || patterned.Length > 0 || others is not null)
        {
            _rules.Add(new MembersRule(named.ToFrozenDictionary(member => member.Name, member => member.Schema, StringComparer.Ordinal), patterned, others));
        }

        if (Counts("minProperties", "maxProperties") is var (least, most))
        {
            _rules.Add(new CountRule(JsonValueKind.Object, least, most));
        }

        if (Schema("propertyNames", inPlace: false) is { } names)
        {
            _rules.Add(new NamesRule(names));
        }

        foreach (var (name, schema, _) in Schemas("dependentSchemas", inPlace: true))
        {
            _rules.Add(new DependentRule(name, null, schema));
        }

        ReadDependentRequired();
    }

    private void ReadDependentRequired()
    {
        if (Source["dependentRequired"] is not { } given)
        {
            return;
        }

        if (given is not SourceNode.Object members || members.Members.Any(member => NamesOf(member.Value) is null))
        {
            Wrong("dependentRequired", "'dependentRequired' is an object; each of its members is a list of names.", given.At);
            return;
        }

        foreach (var member in members.Members)
        {
            _rules.Add(new DependentRule(member.Name, new RequiredRule(NamesOf(member.Value)!.Value), null));
        }
    }

    private void ReadItems()
    {
        if (Source["items"] is SourceNode.Array tuple)
        {
            Wrong("items", "'items' is one schema for all items. For a schema for each of the first ones write prefixItems.", tuple.At);
            return;
        }

        var first = List("prefixItems", inPlace: false);
        var others = Schema("items", inPlace: false);
        if (first.Length > 0 || others is not null)
        {
            _rules.Add(new ItemsRule(first, others));
        }

        if (Counts("minItems", "maxItems") is var (fewest, greatest))
        {
            _rules.Add(new CountRule(JsonValueKind.Array, fewest, greatest));
        }

        var (least, most) = Counts("minContains", "maxContains") ?? (1, long.MaxValue);
        if (Schema("contains", inPlace: false) is { } contained)
        {
            _rules.Add(new ContainsRule(contained, Source["minContains"] is null ? 1 : least, most));
        }

        switch (Source["uniqueItems"])
        {
            case SourceNode.Literal { Json: "true" }:
                _rules.Add(new UniqueRule());
                break;
            case null or SourceNode.Literal { Json: "false" }:
                break;
            case var other:
                Wrong("uniqueItems", $"'uniqueItems' must be true or false, not {other.TypeInWords()}.", other.At);
                break;
        }
    }

    private void ReadCombinations()
    {
        if (List("allOf", inPlace: true) is { Length: > 0 } all)
        {
            _rules.Add(new AllRule(all));
        }

        if (List("anyOf", inPlace: true) is { Length: > 0 } any)
        {
            _rules.Add(new AnyRule(any));
        }

        if (List("oneOf", inPlace: true) is { Length: > 0 } one)
        {
            _rules.Add(new OneRule(one));
        }

        if (Schema("not", inPlace: true) is { } not)
        {
            _rules.Add(new NotRule(not));
        }

        var (then, otherwise) = (Schema("then", inPlace: true), Schema("else", inPlace: true));
        if (Schema("if", inPlace: true) is { } condition)
        {
            _rules.Add(new IfRule(condition, then, otherwise));
        }
    }

    private SchemaNode? Schema(string name, bool inPlace) => Source[name] is { } given ? Child(given, name, inPlace) : null;

    private ImmutableArray<SchemaNode> List(string name, bool inPlace)
    {
        switch (Source[name])
        {
            case null:
                return [];
            case SourceNode.Array { Items.IsEmpty: false } list:
                return [.. list.Items.Select((item, index) => Child(item, string.Create(CultureInfo.InvariantCulture, $"{name}/{index}"), inPlace))];
            case var other:
                Wrong(name, $"'{name}' is a list of schemas, and not empty.", other.At);
                return [];
        }
    }

    private ImmutableArray<(string Name, SchemaNode Schema, Position At)> Schemas(string name, bool inPlace = false)
    {
        switch (Source[name])
        {
            case null:
                return [];
            case SourceNode.Object members:
                return [.. members.Members.Select(member => (member.Name, Child(member.Value, $"{name}/{Escape(member.Name)}", inPlace), member.NameAt))];
            case var other:
                Wrong(name, $"'{name}' is an object; each of its members is a schema.", other.At);
                return [];
        }
    }

    private SchemaNode Child(SourceNode given, string name, bool inPlace)
    {
        var child = Reader.ReadNode(given, $"{Pointer}/{name}");
        if (inPlace)
        {
            node.InPlace.Add(child);
        }

        return child;
    }

    private void Bound(string name, string words, Func<int, bool> fits)
    {
        if (Number(name) is { } bound)
        {
            _rules.Add(new BoundRule(bound, words, fits));
        }
    }

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
