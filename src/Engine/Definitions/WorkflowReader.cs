using System.Collections.Immutable;
using Sluice.Engine.Text;

namespace Sluice.Engine.Definitions;

/// <summary>Parses a workflow into the model, and reports all problems of its shape at once.</summary>
/// <remarks>
/// Returns a definition even if parts are invalid, so that the other checks can report in the same round; only a definition without
/// problems may be used. Parts that could not be parsed are empty.
/// </remarks>
internal static class WorkflowReader
{
    private static readonly ImmutableArray<string> Known = ["name", "description", "retention", "trigger", "steps"];
    private static readonly ImmutableArray<string> KnownInTrigger = ["type", "config"];

    public static (WorkflowDefinition? Definition, IReadOnlyList<Problem> Problems) Read(string text)
    {
        var (root, yaml) = YamlReader.Read(text);
        List<Problem> problems = [.. yaml];
        if (root is null)
        {
            return (null, problems);
        }

        if (root is not SourceNode.Object source)
        {
            problems.Add(new Problem("wrong-type", $"A workflow must be an object with name, trigger and steps, not {root.TypeInWords()}.", At: root.At));
            return (null, problems);
        }

        var definition = Read(source, problems);
        problems.AddRange(WorkflowRules.Check(definition));
        return (definition, problems);
    }

    private static WorkflowDefinition Read(SourceNode.Object source, List<Problem> problems)
    {
        var fields = new Fields(source, "", null, problems);
        fields.RefuseUnknown(Known, NotYet.InWorkflow);
        NotYet.Refuse(source, NotYet.InWorkflow, fields);
        fields.Require("name", "name the workflow, such as payment-received");
        fields.Require("trigger", "say what starts a run, such as { type: webhook, config: { path: /orders } }");
        fields.Require("steps", "list at least one step");
        var name = fields.Text("name");
        var steps = fields.Array("steps");
        return new WorkflowDefinition
        {
            Name = name?.Value ?? "",
            NameAt = name?.At ?? source.At,
            Description = fields.Text("description")?.Value,
            Retention = RetentionReader.Read(fields),
            Trigger = ReadTrigger(fields.Object("trigger"), source.At, problems),
            StepsSource = steps,
            Steps = steps is null ? [] : new StepReader(problems).ReadAll(steps, "steps"),
        };
    }

    private static TriggerDefinition ReadTrigger(SourceNode.Object? source, Position workflow, List<Problem> problems)
    {
        if (source is null)
        {
            return new TriggerDefinition("", new SourceNode.Object([], workflow), workflow);
        }

        var fields = new Fields(source, "trigger", null, problems);
        fields.RefuseUnknown(KnownInTrigger, []);
        fields.Require("type", "webhook");
        var type = fields.Text("type");
        return new TriggerDefinition(
            type?.Value ?? "", fields.Object("config") ?? new SourceNode.Object([], source.At), type?.At ?? source.At);
    }
}
