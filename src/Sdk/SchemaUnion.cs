using System.Text.Json;

namespace Sluice.Sdk;

/// <summary>The forms of an <c>anyOf</c> that one member tells apart by its constant, as polymorphic records have it.</summary>
internal sealed class SchemaUnion
{
    private readonly List<(JsonElement Value, JsonElement Form)> _forms = [];

    private SchemaUnion(string discriminator) => Discriminator = discriminator;

    /// <summary>The member that says which form an object has.</summary>
    public string Discriminator { get; }

    /// <summary>The values of the discriminator, in the order of the schema.</summary>
    public IEnumerable<JsonElement> Values => _forms.Select(form => form.Value);

    /// <summary>The forms, in the order of the schema.</summary>
    public IEnumerable<(JsonElement Value, JsonElement Form)> Forms => _forms;

    /// <summary>The form of an object without the discriminator; null where each must have it.</summary>
    public JsonElement? Default { get; private set; }

    /// <summary>The union of a schema; null where it has no <c>anyOf</c>, or one whose forms nothing tells apart.</summary>
    public static SchemaUnion? Of(JsonElement root, JsonElement schema) =>
        schema.ValueKind is JsonValueKind.Object && schema.TryGetProperty("anyOf", out var options) && options.ValueKind is JsonValueKind.Array
            ? Of([.. options.EnumerateArray().Select(option => SchemaCheck.Resolve(root, option))])
            : null;

    /// <summary>The form that a value of the discriminator stands for; null where it stands for none.</summary>
    public JsonElement? FormOf(JsonElement value)
    {
        var found = _forms.FirstOrDefault(form => JsonElement.DeepEquals(form.Value, value));
        return found.Form.ValueKind is JsonValueKind.Undefined ? null : found.Form;
    }

    /// <summary>The form that an object has; null where its discriminator says none.</summary>
    public JsonElement? FormOfObject(JsonElement value) => value.TryGetProperty(Discriminator, out var given) ? FormOf(given) : Default;

    private static SchemaUnion? Of(JsonElement[] options)
    {
        if (options.SelectMany(Constants).Select(constant => constant.Name).FirstOrDefault() is not { } name)
        {
            return null;
        }

        var union = new SchemaUnion(name);
        foreach (var option in options)
        {
            if (Constants(option).Where(constant => constant.Name == name).ToArray() is [var (_, value)])
            {
                union._forms.Add((value, option));
            }
            else if (union.Default is null)
            {
                // A base type that is a form itself needs no discriminator.
                union.Default = option;
            }
            else
            {
                return null;
            }
        }

        return union;
    }

    private static IEnumerable<(string Name, JsonElement Value)> Constants(JsonElement form)
    {
        if (form.ValueKind is JsonValueKind.Object && form.TryGetProperty("properties", out var properties))
        {
            foreach (var property in properties.EnumerateObject())
            {
                if (property.Value.ValueKind is JsonValueKind.Object && property.Value.TryGetProperty("const", out var value))
                {
                    yield return (property.Name, value);
                }
            }
        }
    }
}
