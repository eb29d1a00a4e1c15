using System.Text.Json;

namespace Sluice.Engine.Expressions;

/// <summary>Follows the parts of a reference through JSON.</summary>
internal static class ReferenceWalk
{
    /// <summary>Returns the value at the parts from <paramref name="start"/> on; undefined if they do not exist.</summary>
    public static JsonElement Follow(this Reference reference, JsonElement from, int start)
    {
        var parts = reference.Parts;
        for (var i = start; i < parts.Length && from.ValueKind != JsonValueKind.Undefined; i++)
        {
            from = (from.ValueKind, parts[i].Name) switch
            {
                (JsonValueKind.Object, { } name) => from.TryGetProperty(name, out var value) ? value : default,
                (JsonValueKind.Array, null) => parts[i].Index < from.GetArrayLength() ? from[parts[i].Index] : default,
                _ => default,
            };
        }

        return from;
    }
}
