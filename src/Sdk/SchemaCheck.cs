using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sluice.Sdk;

/// <summary>
/// Validates values against the part of JSON Schema (2020-12) that node specs use. Messages do not contain the value, which may be a secret.
/// </summary>
internal sealed class SchemaCheck
{
    private readonly JsonElement _root;
    private readonly List<ConfigProblem> _problems = [];

    private SchemaCheck(JsonElement root) => _root = root;

    /// <summary>Finds all problems of a value; empty if it is valid.</summary>
    public static IReadOnlyList<ConfigProblem> Problems(JsonElement schema, JsonElement value) => Problems(schema, schema, value);

    /// <summary>Finds all problems of a value by a schema inside of <paramref name="root"/>, to which references are relative.</summary>
    public static IReadOnlyList<ConfigProblem> Problems(JsonElement root, JsonElement schema, JsonElement value)
    {
        var check = new SchemaCheck(root);
        check.Check(schema, value, "");
        return check._problems;
    }

    /// <summary>Resolves a <c>$ref</c>; returns any other schema unchanged.</summary>
    public static JsonElement Resolve(JsonElement root, JsonElement schema)
    {
        // No real chain of references is longer, and a cycle ends here.
        for (var hops = 0; hops < 32 && schema.ValueKind is JsonValueKind.Object && schema.TryGetProperty("$ref", out var reference); hops++)
        {
            schema = root;
            foreach (var part in reference.GetString()!.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                schema = schema.ValueKind is JsonValueKind.Array ? schema[int.Parse(part, CultureInfo.InvariantCulture)] : schema.GetProperty(part);
            }
        }

        return schema;
    }

    /// <summary>Returns whether a number field accepts strings, as with <c>JsonNumberHandling.AllowReadingFromString</c> and some converters.</summary>
    public static bool ReadsTextAsNumber(JsonElement schema) => !schema.TryGetProperty("type", out var type)
        || (type.ValueKind is JsonValueKind.Array && type.EnumerateArray().Any(one => one.ValueEquals("number") || one.ValueEquals("integer")));

    private void Check(JsonElement schema, JsonElement value, string path)
    {
        schema = Resolve(_root, schema);
        if (schema.ValueKind is not JsonValueKind.Object || !CheckType(schema, value, path))
        {
            return;
        }

        CheckValue(schema, value, path);
        if (value.ValueKind is JsonValueKind.Object)
        {
            CheckMembers(schema, value, path);
        }
        else if (value.ValueKind is JsonValueKind.Array && schema.TryGetProperty("items", out var items))
        {
            var index = 0;
            foreach (var item in value.EnumerateArray())
            {
                Check(items, item, $"{path}[{index++}]");
            }
        }
    }

    private bool CheckType(JsonElement schema, JsonElement value, string path)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            return true;
        }

        var allowed = type.ValueKind is JsonValueKind.Array ? [.. type.EnumerateArray().Select(one => one.GetString()!)] : new[] { type.GetString()! };
        if (allowed.Any(one => Is(value, one)))
        {
            return true;
        }

        Add(path, $"must be {string.Join(" or ", allowed.Where(one => one != "null").Select(Word))}, not {GivenWord(value, allowed)}.");
        return false;
    }

    private void CheckValue(JsonElement schema, JsonElement value, string path)
    {
        if (schema.TryGetProperty("enum", out var values) && !values.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)))
        {
            Add(path, $"must be one of {string.Join(", ", values.EnumerateArray().Where(one => one.ValueKind is not JsonValueKind.Null).Select(one => $"`{one}`"))}.");
        }

        foreach (var bound in SchemaBound.Of(schema).Where(bound => !bound.Allows(value)))
        {
            Add(path, bound.Problem);
        }

        if (value.ValueKind is JsonValueKind.String && schema.TryGetProperty("pattern", out var pattern)
            && !Regex.IsMatch(value.GetString()!, pattern.GetString()!, RegexOptions.None, TimeSpan.FromSeconds(1)))
        {
            Add(path, pattern.ValueEquals(DurationConverter.Form) ? $"must be {DurationConverter.Words}." : $"must match {pattern.GetString()}.");
        }

        if (schema.TryGetProperty("const", out var only) && !JsonElement.DeepEquals(only, value))
        {
            Add(path, $"must be `{only}`.");
        }

        if (schema.TryGetProperty("anyOf", out var options))
        {
            CheckForms(schema, options, value, path);
        }
    }

    private void CheckForms(JsonElement schema, JsonElement options, JsonElement value, string path)
    {
        if (value.ValueKind is not JsonValueKind.Object || SchemaUnion.Of(_root, schema) is not { } union)
        {
            if (options.EnumerateArray().All(option => Problems(_root, option, value).Count > 0))
            {
                Add(path, "does not match any of the allowed forms.");
            }
        }
        else if (union.FormOfObject(value) is { } form)
        {
            Check(form, value, path);
        }
        else if (value.TryGetProperty(union.Discriminator, out _))
        {
            Add(Below(path, union.Discriminator), $"must be one of {string.Join(", ", union.Values.Select(one => $"`{one}`"))}.");
        }
        else
        {
            Add(Below(path, union.Discriminator), $"is missing. It must be one of {string.Join(", ", union.Values.Select(one => $"`{one}`"))}.");
        }
    }

    private void CheckMembers(JsonElement schema, JsonElement value, string path)
    {
        var known = schema.TryGetProperty("properties", out var properties);
        if (schema.TryGetProperty("required", out var required))
        {
            // A missing discriminator of a union has been reported already.
            var said = SchemaUnion.Of(_root, schema)?.Discriminator;
            foreach (var name in required.EnumerateArray().Select(one => one.GetString()!).Where(name => name != said && !value.TryGetProperty(name, out _)))
            {
                Add(Below(path, name), "is missing.");
            }
        }

        var others = schema.TryGetProperty("additionalProperties", out var additional);
        foreach (var member in value.EnumerateObject())
        {
            if (known && properties.TryGetProperty(member.Name, out var property))
            {
                Check(property, member.Value, Below(path, member.Name));
            }
            else if (others && additional.ValueKind is JsonValueKind.False)
            {
                var names = known ? string.Join(", ", properties.EnumerateObject().Select(one => one.Name)) : "none";
                Add(Below(path, member.Name), $"is not a known field. The fields are: {names}.");
            }
            else if (others)
            {
                Check(additional, member.Value, Below(path, member.Name));
            }
        }
    }

    private void Add(string path, string message) => _problems.Add(new ConfigProblem(path, path.Length == 0 ? $"It {message}" : message));

    private static string Below(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static bool Is(JsonElement value, string type) => type switch
    {
        "integer" => value.ValueKind is JsonValueKind.Number && (value.TryGetInt64(out _) || (value.TryGetDecimal(out var number) && number == decimal.Truncate(number))),
        _ => KindOf(value) == type,
    };

    private static string KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => "null",
    };

    private static string GivenWord(JsonElement value, string[] allowed) =>
        value.ValueKind is JsonValueKind.Number && allowed.Contains("integer") ? "a fraction" : Word(KindOf(value));

    private static string Word(string type) => type switch
    {
        "string" => "a string",
        "number" => "a number",
        "integer" => "a whole number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        _ => "null",
    };
}
