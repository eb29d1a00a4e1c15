using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Sluice.Engine.Definitions;
using Sluice.Engine.Expressions;
using Sluice.Engine.Text;

namespace Sluice.Engine.Checking;

/// <summary>
/// Checks the config of a step or a trigger against its schema. The result of an expression is unknown, so an expression is always valid.
/// </summary>
/// <param name="problemOf">Creates a problem from a rule, a message, a path and a position.</param>
/// <param name="problems">Receives the problems.</param>
internal sealed class ConfigCheck(Func<string, string, string, Position, Problem> problemOf, ICollection<Problem> problems)
{
    public void Check(SourceNode value, ValueSchema schema, string path)
    {
        if (value is SourceNode.Text text && ExpressionMark.IsIn(text.Value))
        {
            CheckExpression(text, schema, path);
            return;
        }

        if (!schema.AnyOf.IsEmpty && !FitsOne(value, schema, path))
        {
            return;
        }

        if (!schema.Allows(TypeOf(value)))
        {
            var given = (value as SourceNode.Literal)?.Json ?? value.TypeInWords();
            Wrong("wrong-type", $"'{Last(path)}' must be {Words(schema)}, not {given}.{CureFor(value, schema)}", path, value.At);
            return;
        }

        switch (value)
        {
            case SourceNode.Object nested:
                CheckMembers(nested, schema, path);
                break;
            case SourceNode.Array list:
                for (var index = 0; index < list.Items.Length; index++)
                {
                    Check(list.Items[index], schema.Items, $"{path}[{index}]");
                }

                break;
        }

        CheckValue(value, schema, path);
        CheckForm(value, schema, path);
        CheckBounds(value, schema, path);
    }

    private void CheckExpression(SourceNode.Text text, ValueSchema schema, string path)
    {
        if (!schema.TakesExpressions)
        {
            Wrong("no-expression-here", $"'{Last(path)}' does not accept expressions. Write the value itself.", path, text.At);
        }
        else if (!ExpressionText.IsOneExpression(text.Value) && !schema.Allows("string"))
        {
            var message = $"'{Last(path)}' must be {Words(schema)}, but text around an expression makes it a string. Write the expression alone: \"{{{{ … }}}}\".";
            Wrong("wrong-type", message, path, text.At);
        }
    }

    // Reports the problems of the alternative that the discriminator selects; without one, of the alternative with the fewest problems.
    private bool FitsOne(SourceNode value, ValueSchema schema, string path)
    {
        if (value is SourceNode.Object nested && schema.Discriminator is { } name && !(nested[name] is SourceNode.Text text && ExpressionMark.IsIn(text.Value)))
        {
            return FitsNamed(nested, schema, name, path);
        }

        List<Problem>? fewest = null;
        foreach (var option in schema.AnyOf)
        {
            var found = new List<Problem>();
            new ConfigCheck(problemOf, found).Check(value, option, path);
            if (fewest is null || found.Count < fewest.Count)
            {
                fewest = found;
            }
        }

        foreach (var problem in fewest ?? [])
        {
            problems.Add(problem);
        }

        return fewest is null or { Count: 0 };
    }

    private bool FitsNamed(SourceNode.Object value, ValueSchema schema, string name, string path)
    {
        var given = value[name];
        var before = problems.Count;
        if (schema.AnyOf.FirstOrDefault(option => option.Properties.TryGetValue(name, out var only) ? given is not null && Same(given, only.Values[0]) : given is null) is { } form)
        {
            Check(value, form, path);
            return problems.Count == before;
        }

        var names = ValueSchema.OneOf([.. schema.AnyOf.SelectMany(option => option.Properties.TryGetValue(name, out var only) ? only.Values : [])]);
        if (given is null)
        {
            Wrong("missing-field", $"'{name}' is missing. Write {Words(names)}.", $"{path}.{name}", value.At);
        }
        else
        {
            Check(given, names, $"{path}.{name}");
        }

        return false;
    }

    private void CheckMembers(SourceNode.Object value, ValueSchema schema, string path)
    {
        foreach (var member in value.Members)
        {
            var place = $"{path}.{member.Name}";
            if (schema.Properties.TryGetValue(member.Name, out var property))
            {
                CheckMember(member, property, schema.Required.Contains(member.Name), place);
            }
            else if (schema.IsClosed)
            {
                var known = schema.Names.IsEmpty ? "" : $" Known: {string.Join(", ", schema.Names)}.";
                var message = $"'{member.Name}' is not a known field.{DidYouMean.Hint(member.Name, schema.Names)}{known}";
                Wrong("unknown-field", message, place, member.NameAt);
            }
            else
            {
                Check(member.Value, schema.Additional, place);
            }
        }

        foreach (var name in schema.Required.Where(name => value[name] is null))
        {
            var expected = Words(schema.Properties.GetValueOrDefault(name, ValueSchema.Anything));
            Wrong("missing-field", $"'{name}' is missing. Write {expected}.", $"{path}.{name}", value.At);
        }
    }

    private void CheckMember(SourceNode.Member member, ValueSchema schema, bool isRequired, string path)
    {
        if (member.Value.IsNull() && !schema.Allows("null"))
        {
            var cure = isRequired ? $"write {Words(schema)}" : "write a value, or remove it";
            Wrong("wrong-type", $"'{member.Name}' is empty: {cure}.", path, member.Value.At);
            return;
        }

        Check(member.Value, schema, path);
    }

    private void CheckValue(SourceNode value, ValueSchema schema, string path)
    {
        if (schema.Values.IsEmpty || value is SourceNode.Object or SourceNode.Array || schema.Values.Any(allowed => Same(value, allowed)))
        {
            return;
        }

        ImmutableArray<string> names = [.. schema.Values.Where(allowed => allowed.ValueKind == JsonValueKind.String).Select(allowed => allowed.GetString()!)];
        var given = value switch
        {
            SourceNode.Text text => text.Value,
            SourceNode.Literal literal => literal.Json,
            _ => "",
        };
        var allowedValues = string.Join(", ", schema.Values.Select(allowed => allowed.ValueKind == JsonValueKind.String ? allowed.GetString() : allowed.GetRawText()));
        Wrong("unknown-value", $"'{Last(path)}' can't be '{given}'.{DidYouMean.Hint(given, names)} Allowed: {allowedValues}.", path, value.At);
    }

    private void CheckForm(SourceNode value, ValueSchema schema, string path)
    {
        if (value is SourceNode.Text text && schema.Pattern is { } pattern && !pattern.IsMatch(text.Value))
        {
            var cure = schema.Example is null ? $"its form is {pattern}" : $"write it like {schema.Example}";
            Wrong("bad-form", $"'{Last(path)}' can't be '{text.Value}'; {cure}.", path, value.At);
        }
    }

    private void CheckBounds(SourceNode value, ValueSchema schema, string path)
    {
        foreach (var bound in schema.Bounds)
        {
            var isWithin = value switch
            {
                SourceNode.Text text => bound.AllowsText(text.Value),
                SourceNode.Array list => bound.AllowsItems(list.Items.Length),
                SourceNode.Object nested => bound.AllowsMembers(nested.Members.Length),
                _ => true,
            };
            if (!isWithin)
            {
                Wrong("out-of-range", $"'{Last(path)}' {bound.Problem}", path, value.At);
            }
        }

        if (value is not SourceNode.Literal literal || !double.TryParse(literal.Json, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return;
        }

        if (number < schema.Minimum || number > schema.Maximum)
        {
            var bounds = (schema.Minimum, schema.Maximum) switch
            {
                ({ } least, { } most) => $"from {Number(least)} to {Number(most)}",
                ({ } least, null) => $"at least {Number(least)}",
                (_, var most) => $"at most {Number(most!.Value)}",
            };
            Wrong("out-of-range", $"'{Last(path)}' must be {bounds}, not {literal.Json}.", path, value.At);
        }
    }

    private void Wrong(string rule, string message, string path, Position at) => problems.Add(problemOf(rule, message, path, at));

    private static bool Same(SourceNode value, JsonElement allowed) => value switch
    {
        SourceNode.Text text => allowed.ValueKind == JsonValueKind.String && allowed.ValueEquals(text.Value),
        SourceNode.Literal literal => allowed.ValueKind != JsonValueKind.String && allowed.GetRawText() == literal.Json,
        _ => false,
    };

    private static string TypeOf(SourceNode value) => value switch
    {
        SourceNode.Object => "object",
        SourceNode.Array => "array",
        SourceNode.Text => "string",
        SourceNode.Literal { Json: "null" } => "null",
        SourceNode.Literal { Json: "true" or "false" } => "boolean",
        SourceNode.Literal literal => literal.Json.AsSpan().IndexOfAny('.', 'e', 'E') < 0 ? "integer" : "number",
        _ => "null",
    };

    /// <summary>Describes what a schema accepts, for messages: <c>a whole number</c>.</summary>
    public static string Words(ValueSchema schema) => schema switch
    {
        { Values.IsEmpty: false } => $"one of {string.Join(", ", schema.Values.Where(value => value.ValueKind != JsonValueKind.Null))}",
        { Types.IsEmpty: true, AnyOf.IsEmpty: false } => string.Join(" or ", schema.AnyOf.Select(Words).Distinct()),
        { Types.IsEmpty: true } => "a value",
        _ => string.Join(" or ", schema.Types.Where(type => type != "null" || schema.Types.Length == 1).Select(Words)),
    };

    private static string Words(string type) => type switch
    {
        "object" => "an object",
        "array" => "a list",
        "string" => "a string",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        _ => type,
    };

    private static string CureFor(SourceNode value, ValueSchema schema) => value switch
    {
        SourceNode.Literal when schema.Allows("string") => " Put it in quotes.",
        SourceNode.Text { Value: "true" or "false" } when schema.Allows("boolean") => " Remove the quotes.",
        SourceNode.Text text when schema.Allows("integer") && double.TryParse(text.Value, CultureInfo.InvariantCulture, out _) => " Remove the quotes.",
        not SourceNode.Array when schema.Allows("array") => " Put '- ' in front of each item, or brackets around them.",
        _ => "",
    };

    private static string Number(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Last(string path) => path[(path.LastIndexOf('.') + 1)..];
}
