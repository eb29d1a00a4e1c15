using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Sluice.Engine.Expressions;

/// <summary>
/// Reads a reference from a scope, and adds what JavaScript has and JSON lacks: <c>length</c> of a list or a string, characters of a
/// string, and access to members and items by the other kind of key.
/// </summary>
internal sealed class ReferencePath
{
    private readonly Reference _reference;

    /// <summary>The path without its last part, if that part could mean more than the scope knows; otherwise null.</summary>
    private readonly ReferencePath? _parent;

    public ReferencePath(Reference reference)
    {
        _reference = reference;
        var parts = reference.Parts;
        if (parts.Any(HasSecondMeaning))
        {
            _parent = new ReferencePath(reference with { Parts = parts[..^1] });
        }
    }

    /// <summary>
    /// Returns the checkable part of a reference: everything before its first <c>length</c>, which schemas do not describe.
    /// </summary>
    public static Reference Checkable(Reference reference)
    {
        var end = reference.Parts.TakeWhile(part => part.Name != "length").Count();
        return reference with { Parts = reference.Parts[..end] };
    }

    /// <summary>Reads the value; undefined if the path does not exist.</summary>
    public JsonElement Read(IScope scope)
    {
        var value = scope.Resolve(_reference);
        return value.ValueKind == JsonValueKind.Undefined && _parent is not null
            ? Step(_parent.Read(scope), _reference.Parts[^1])
            : value;
    }

    private static bool HasSecondMeaning(ReferencePart part) => part.Name is null or "length" || IndexOf(part.Name) is not null;

    private static JsonElement Step(JsonElement value, ReferencePart part)
    {
        var index = part.Name is null ? part.Index : IndexOf(part.Name);
        return value.ValueKind switch
        {
            JsonValueKind.Object when value.TryGetProperty(part.Name ?? part.Index.ToString(CultureInfo.InvariantCulture), out var member) => member,
            JsonValueKind.Array when part.Name == "length" => Json(value.GetArrayLength()),
            JsonValueKind.Array when index < value.GetArrayLength() => value[index.Value],
            JsonValueKind.String when part.Name == "length" => Json(value.GetString()!.Length),
            JsonValueKind.String when index < value.GetString()!.Length => Character(value.GetString()!, index.Value),
            _ => default,
        };
    }

    /// <summary>Parses a name as an index in its shortest form; null if it is a name.</summary>
    private static int? IndexOf(string name) =>
        name.Length is > 0 and < 10 && name.All(char.IsAsciiDigit) && (name == "0" || name[0] != '0')
            ? int.Parse(name, CultureInfo.InvariantCulture)
            : null;

    private static JsonElement Json(int number) => JsonSerializer.SerializeToElement(number);

    private static JsonElement Character(string text, int index) => JsonSerializer.SerializeToElement(text[index].ToString());
}
