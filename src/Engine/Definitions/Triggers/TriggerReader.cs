using System.Collections.Immutable;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>Reads the config of a trigger by its type. <see cref="WorkflowRules"/> rejects other types.</summary>
internal static class TriggerReader
{
    /// <summary>The types that can start runs.</summary>
    public static readonly ImmutableArray<string> Types = ["webhook"];

    /// <summary>The types that are planned.</summary>
    public static readonly ImmutableArray<string> TypesToCome = ["schedule", "manual"];

    /// <summary>The webhook that the trigger describes; null if it is of another type, or wrong.</summary>
    public static WebhookTrigger? Read(TriggerDefinition trigger, AuthSchemes schemes, ICollection<Problem> problems) =>
        trigger.Type == "webhook" ? WebhookReader.Read(trigger.Config, schemes, problems) : null;
}
