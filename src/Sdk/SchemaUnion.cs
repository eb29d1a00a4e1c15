using System.Text.Json;

namespace Sluice.Sdk;

/// <summary>An <c>anyOf</c> whose forms differ in the constant of one member, as generated for polymorphic records.</summary>
internal sealed class SchemaUnion
{
    private readonly List<(JsonElement Value, JsonElement Form)> _forms = [];

    private SchemaUnion(string discriminator) => Discriminator = discriminator;

    /// <summary>The member that determines the form of an object.</summary>
    public string Discriminator { get; }

    /// <summary>The values of the discriminator, in the order of the schema.</summary>
    public IEnumerable<JsonElement> Values => _forms.Select(form => form.Value);

    /// <summary>The forms, in the order of the schema.</summary>
    public IEnumerable<(JsonElement Value, JsonElement Form)> Forms => _forms;

    /// <summary>The form of an object without the discriminator; null if the discriminator is required.</summary>
    public JsonElement? Default { get; private set; }

    /// <summary>Reads the union of a schema; null if there is no <c>anyOf</c>, or if it has no discriminator.</summary>
    public static SchemaUnion? Of(JsonElement root, JsonElement schema) =>
        schema.ValueKind is JsonValueKind.Object && schema.TryGetProperty("anyOf", out var options) && options.ValueKind is JsonValueKind.Array
            ? Of([.. options.EnumerateArray().Select(option => SchemaCheck.Resolve(root, option))])
            : null;

    /// <summary>Returns the form for a value of the discriminator; null if there is none.</summary>
    public JsonElement? FormOf(JsonElement value)
    {
        var found = _forms.FirstOrDefault(form => JsonElement.DeepEquals(form.Value, value));
        return found.Form.ValueKind is JsonValueKind.Undefined ? null : found.Form;
    }

    /// <summary>Returns the form of an object; null if there is none for its discriminator.</summary>
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
