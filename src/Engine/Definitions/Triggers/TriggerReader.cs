using System.Collections.Immutable;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions.Triggers;

/// <summary>Reads the trigger of a workflow: which type it is, and the config of that type.</summary>
internal static class TriggerReader
{
    private static readonly ImmutableArray<string> Types = ["webhook"];

    /// <summary>The webhook that the trigger describes; null where it is of another type, or wrong.</summary>
    public static WebhookTrigger? Read(TriggerDefinition trigger, AuthSchemes schemes, ICollection<Problem> problems)
    {
        switch (trigger.Type)
        {
            case "webhook":
                return WebhookReader.Read(trigger.Config, schemes, problems);
            case "schedule" or "manual":
                problems.Add(NotYet.Trigger(trigger.Type, trigger.At));
                return null;
            case "":
                return null;
            default:
                var message = $"There is no trigger '{trigger.Type}'.{DidYouMean.Hint(trigger.Type, Types)} Triggers: {string.Join(", ", Types)}.";
                problems.Add(new Problem("unknown-trigger", message, Path: "trigger.type", At: trigger.At));
                return null;
        }
    }
}
