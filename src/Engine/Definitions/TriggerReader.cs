using System.Collections.Immutable;

namespace Sluice.Engine.Definitions;

/// <summary>Reads the trigger of a workflow: which type it is, and the config of a webhook.</summary>
internal static class TriggerReader
{
    private static readonly ImmutableArray<string> Types = ["webhook", "manual"];
    private static readonly ImmutableArray<string> KnownInWebhook = ["path", "methods", "deadline"];
    private static readonly ImmutableArray<string> Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    private static readonly TimeSpan LongestDeadline = TimeSpan.FromHours(1);

    /// <summary>The webhook that the trigger describes; null where it is of another type, or wrong.</summary>
    public static WebhookTrigger? Read(TriggerDefinition trigger, ICollection<Problem> problems)
    {
        switch (trigger.Type)
        {
            case "webhook":
                return ReadWebhook(trigger, problems);
            case "schedule":
                problems.Add(NotYet.Schedule(trigger.At));
                return null;
            case "manual":
                foreach (var member in trigger.Config.Members)
                {
                    problems.Add(new Problem(
                        "unknown-field", "A manual trigger takes no config; remove it.", Path: $"trigger.config.{member.Name}", At: member.NameAt));
                }

                return null;
            case "":
                return null;
            default:
                var message = $"There is no trigger '{trigger.Type}'.{DidYouMean.Hint(trigger.Type, Types)} Triggers: {string.Join(", ", Types)}.";
                problems.Add(new Problem("unknown-trigger", message, Path: "trigger.type", At: trigger.At));
                return null;
        }
    }

    private static WebhookTrigger? ReadWebhook(TriggerDefinition trigger, ICollection<Problem> problems)
    {
        var fields = new Fields(trigger.Config, "trigger.config", null, problems);
        fields.RefuseUnknown(KnownInWebhook, []);
        fields.Require("path", "the path below /hooks that the webhook listens on, such as /orders/{id}");
        var path = ReadPath(fields);
        var methods = ReadMethods(fields);
        var deadline = fields.Duration("deadline");
        if (deadline is { } time && (time <= TimeSpan.Zero || time > LongestDeadline))
        {
            fields.Note("bad-duration", "The deadline is longer than 0 and at most 1h.", "deadline", fields["deadline"]!.At);
        }

        return path is null ? null : new WebhookTrigger(path.ToString(), methods, deadline);
    }

    private static PathPattern? ReadPath(Fields fields)
    {
        if (fields.Text("path") is not { } text)
        {
            return null;
        }

        var (pattern, wrong) = PathPattern.Parse(text.Value);
        if (wrong is not null)
        {
            fields.Note("bad-path", wrong, "path", text.At);
        }

        return pattern;
    }

    private static ImmutableArray<string> ReadMethods(Fields fields)
    {
        ImmutableArray<SourceNode> given;
        switch (fields["methods"])
        {
            case null:
                return ["POST"];
            case SourceNode.Text one:
                given = [one];
                break;
            case SourceNode.Array { Items.IsEmpty: false } list:
                given = list.Items;
                break;
            case var other:
                fields.Note("wrong-type", $"'methods' is one method or a list of them; this is {Words(other)}.", "methods", other.At);
                return ["POST"];
        }

        var methods = ImmutableArray.CreateBuilder<string>();
        foreach (var item in given)
        {
            AddMethod(item, methods, fields);
        }

        return methods.DrainToImmutable();
    }

    private static void AddMethod(SourceNode item, ImmutableArray<string>.Builder methods, Fields fields)
    {
        var method = (item as SourceNode.Text)?.Value.ToUpperInvariant();
        if (method is null)
        {
            fields.Note("wrong-type", $"A method is a string, such as POST; this is {item.TypeInWords()}.", "methods", item.At);
        }
        else if (!Methods.Contains(method))
        {
            var message = $"A webhook can't take the method '{method}'.{DidYouMean.Hint(method, Methods)} Methods: {string.Join(", ", Methods)}.";
            fields.Note("unknown-method", message, "methods", item.At);
        }
        else if (!methods.Contains(method))
        {
            methods.Add(method);
        }
    }

    private static string Words(SourceNode node) => node is SourceNode.Array ? "an empty list" : node.TypeInWords();
}
