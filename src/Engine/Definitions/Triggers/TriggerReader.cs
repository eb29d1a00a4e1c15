using System.Collections.Immutable;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>Reads the config of a trigger by its type. <see cref="WorkflowRules"/> rejects other types.</summary>
internal static class TriggerReader
{
    /// <summary>The supported types.</summary>
    public static readonly ImmutableArray<string> Types = ["webhook"];

    /// <summary>The planned types.</summary>
    public static readonly ImmutableArray<string> TypesToCome = ["schedule", "manual"];

    /// <summary>Reads the webhook that the trigger describes; null if it has another type or is invalid.</summary>
    public static WebhookTrigger? Read(TriggerDefinition trigger, AuthSchemes schemes, ICollection<Problem> problems) =>
        trigger.Type == "webhook" ? WebhookReader.Read(trigger.Config, schemes, problems) : null;
}
