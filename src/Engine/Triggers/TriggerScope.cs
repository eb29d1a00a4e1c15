using System.Text.Json;
using Sluice.Engine.Expressions;
using Sluice.Engine.Json;
using Sluice.Engine.Secrets;
using Sluice.Engine.Text;

namespace Sluice.Engine.Triggers;

/// <summary>The scope of a trigger's expressions: <c>trigger</c> and <c>secrets</c>, and no other root.</summary>
/// <param name="trigger">The trigger's data.</param>
/// <param name="secrets">The secrets of the host.</param>
/// <param name="now">The time of the evaluation.</param>
internal sealed class TriggerScope(TriggerData trigger, ISecrets secrets, DateTimeOffset now) : IScope
{
    private JsonElement? _rawBody;
    private JsonElement? _whole;

    public string? Secret(string name) => secrets.Find(name);

    public string Mask(string text) => secrets.Masks.All.Apply(text);

    public DateTimeOffset Now => now;

    // Before a run starts, an evaluation is never repeated.
    public Guid NextUuid() => Guid.NewGuid();

    public JsonElement Resolve(Reference reference)
    {
        if (reference.Root != "trigger")
        {
            return default;
        }

        var parts = reference.Parts;
        if (parts.Length >= 2 && parts[0].Name == "output")
        {
            return parts[1].Name switch
            {
                "body" => reference.Follow(trigger.Body, 2),
                "raw_body" => reference.Follow(RawBody, 2),
                _ => reference.Follow(trigger.Envelope, 1),
            };
        }

        return reference.Follow(_whole ??= Whole(), 0);
    }

    private JsonElement RawBody => _rawBody ??= JsonElement.Parse(BodyParser.RawText(trigger.ContentType, trigger.BodyBytes));

    private JsonElement Whole() => JsonElement.Parse(JsonText.Write((Trigger: trigger, Scope: this), static (writer, state) =>
    {
        writer.WriteStartObject();
        writer.WriteStartObject("output");
        foreach (var member in state.Trigger.Envelope.EnumerateObject())
        {
            member.WriteTo(writer);
        }

        writer.WritePropertyName("body");
        state.Trigger.Body.WriteTo(writer);
        writer.WritePropertyName("raw_body");
        state.Scope.RawBody.WriteTo(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }));
}
