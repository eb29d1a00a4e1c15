using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Expressions;

namespace Sluice.Engine.Compiled;

/// <summary>What a workflow may read from the body of its requests.</summary>
[Flags]
internal enum BodyUse
{
    None = 0,

    /// <summary>The parsed value: <c>trigger.output.body</c>.</summary>
    Value = 1,

    /// <summary>The raw text: <c>trigger.output.raw_body</c>.</summary>
    Text = 2,

    All = Value | Text,
}

/// <summary>
/// Determines what a workflow may read from a body, from its expressions and its trigger's settings, before there is a request.
/// </summary>
internal static class BodyReads
{
    public static BodyUse Of(WebhookTrigger? webhook, TriggerExpressions trigger, IEnumerable<CompiledStep> steps)
    {
        var uses = trigger.References.Concat(steps.SelectMany(step => step.References)).Select(use => Of(use.Reference));
        return uses.Aggregate(OfSettings(webhook), (all, use) => all | use);
    }

    private static BodyUse OfSettings(WebhookTrigger? webhook) =>
        webhook is { Request.Body: not null } || webhook?.Idempotency?.Sources.Any(source => source.BodyMember is not null) == true ? BodyUse.Value : BodyUse.None;

    // Everything not known to read something else counts as reading the body: the whole trigger, or its output by a computed index.
    private static BodyUse Of(Reference reference) => reference switch
    {
        { Root: not "trigger" } => BodyUse.None,
        { Parts: [{ Name: "output" }, { Name: "body" }, ..] } => BodyUse.Value,
        { Parts: [{ Name: "output" }, { Name: "raw_body" }, ..] } => BodyUse.Text,
        { Parts: [{ Name: "output" }, { Name: "method" or "path" or "params" or "query" or "headers" or "files" or "content_type" or "remote_ip" }, ..] } => BodyUse.None,
        _ => BodyUse.All,
    };
}
