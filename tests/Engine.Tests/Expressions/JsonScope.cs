using System.Text.Json;
using Sluice.Engine.Expressions;

namespace Sluice.Engine.Tests.Expressions;

/// <summary>A scope over one JSON object: its members are the roots, and <c>secrets</c> its secrets.</summary>
internal sealed class JsonScope(string json) : IScope
{
    private int _uuids;
    private readonly JsonElement _roots = JsonElement.Parse(json);

    public JsonElement Resolve(Reference reference)
    {
        var value = Member(_roots, reference.Root);
        foreach (var part in reference.Parts)
        {
            value = part.Name is { } name ? Member(value, name) : Item(value, part.Index);
        }

        return value;
    }

    public string? Secret(string name) => Member(Member(_roots, "secrets"), name) is { ValueKind: JsonValueKind.String } secret ? secret.GetString() : null;

    public string Mask(string text) => text;

    public DateTimeOffset Now => Compiled.Time.GetUtcNow();

    public Guid NextUuid() => new(++_uuids, 0, 0, new byte[8]);

    private static JsonElement Member(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : default;

    private static JsonElement Item(JsonElement value, int index) =>
        value.ValueKind == JsonValueKind.Array && index < value.GetArrayLength() ? value[index] : default;
}
