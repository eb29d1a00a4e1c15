using Sluice.Engine.Definitions;
using Sluice.Engine.Expressions;
using Sluice.Engine.Text;

namespace Sluice.Engine.Checking;

/// <summary>Checks the references in a workflow's expressions against the values that can exist when they are read.</summary>
/// <param name="order">The order of the steps.</param>
/// <param name="trigger">The schema of <c>trigger</c>.</param>
/// <param name="outputOf">Returns the schema of a step's output.</param>
/// <param name="problems">Receives the problems.</param>
internal sealed class ReferenceCheck(
    StepOrder order, ValueSchema trigger, Func<StepDefinition, ValueSchema> outputOf, ICollection<Problem> problems)
{
    private static readonly string[] Roots = ["trigger", "run", "secrets"];

    public void Check(ReferenceUse use, StepDefinition reader)
    {
        var root = use.Reference.Root;
        var schema = root switch
        {
            "trigger" => trigger,
            "run" => RunSchemas.Run,
            _ when order.Find(root) is { } step => CheckStep(use, step, reader),
            _ => UnknownRoot(use, reader),
        };
        if (schema is not null)
        {
            Walk(use, schema);
        }
    }

    /// <summary>Checks a reference in the trigger's own config, which is evaluated before a run exists.</summary>
    public void CheckInTrigger(ReferenceUse use)
    {
        if (use.Reference.Root == "trigger")
        {
            Walk(use, trigger);
            return;
        }

        Wrong("unknown-reference", use, $"'{use.Reference.Root}' is not available here, because the trigger is evaluated before there is a run. Available: trigger, secrets.");
    }

    private ValueSchema? CheckStep(ReferenceUse use, StepDefinition step, StepDefinition reader)
    {
        // A missing key is reported separately. A step without one has no place in the order, so any step may come before it.
        var relation = reader.Key.Length == 0 ? new StepRelation.Earlier() : order.Relate(step.Key, reader.Key);
        switch (relation)
        {
            case StepRelation.Itself:
                Wrong("own-output", use, $"The step '{step.Key}' reads its own output. A step can read the trigger and earlier steps.");
                return null;
            case StepRelation.Later:
                var later = $"The step '{step.Key}' runs later (line {step.KeyAt.Line}). A step can read only earlier steps. Move one of the two.";
                Wrong("later-step", use, later);
                return null;
            case StepRelation.Apart apart:
                var message = $"The step '{step.Key}' is in branch '{apart.Port}' of '{apart.Gate}', and this step in branch '{apart.OtherPort}': "
                    + "no run executes both. Read it after the branches, or move it before them.";
                Wrong("other-branch", use, message);
                return null;
            default:
                return RunSchemas.Step(outputOf(step));
        }
    }

    private ValueSchema? UnknownRoot(ReferenceUse use, StepDefinition reader)
    {
        var root = use.Reference.Root;
        var readable = order.Keys
            .Where(key => key.Length > 0 && (reader.Key.Length == 0 || order.Relate(key, reader.Key) is StepRelation.Earlier))
            .ToList();
        var steps = readable.Count == 0 ? "There are no earlier steps." : $"Earlier steps: {string.Join(", ", readable)}.";
        var message = $"There is no step '{root}' to read.{DidYouMean.Hint(root, [.. readable, .. Roots])} {steps} Also available: trigger, run, secrets.";
        Wrong("unknown-reference", use, message);
        return null;
    }

    private void Walk(ReferenceUse use, ValueSchema schema)
    {
        var path = use.Reference.Root;
        foreach (var part in use.Reference.Parts)
        {
            var next = part.Name is { } name ? Member(use, schema, path, name) : Item(use, schema, path);
            if (next is null)
            {
                return;
            }

            schema = next;
            path = part.Name is null ? $"{path}[{part.Index}]" : $"{path}.{part.Name}";
        }
    }

    private ValueSchema? Member(ReferenceUse use, ValueSchema schema, string path, string name)
    {
        if (!schema.AnyOf.IsEmpty || (schema.Allows("array") && int.TryParse(name, out _)))
        {
            return ValueSchema.Anything;
        }

        // Only strings and lists have a length.
        if (name == "length" && (schema.Allows("string") || schema.Allows("array")))
        {
            return ValueSchema.Anything;
        }

        if (!schema.Allows("object"))
        {
            Wrong("unknown-member", use, $"'{path}' is {ConfigCheck.Words(schema)}; it has no member '{name}'. Read '{path}' itself.");
            return null;
        }

        if (path == "trigger.output.headers" && name.Any(char.IsAsciiLetterUpper))
        {
            Wrong("header-case", use, $"Header names are in lower case. Write '{name.ToLowerInvariant()}'.");
            return null;
        }

        if (schema.Properties.TryGetValue(name, out var property))
        {
            return property;
        }

        if (!schema.IsClosed)
        {
            return schema.Additional;
        }

        var known = schema.Names.IsEmpty ? " It has none." : $" Known: {string.Join(", ", schema.Names)}.";
        Wrong("unknown-member", use, $"'{path}' has no member '{name}'.{DidYouMean.Hint(name, schema.Names)}{known}{CureFor(path)}");
        return null;
    }

    private ValueSchema? Item(ReferenceUse use, ValueSchema schema, string path)
    {
        if (schema.Allows("array") || !schema.AnyOf.IsEmpty)
        {
            return schema.Items;
        }

        if (schema.Allows("string") || (schema.Allows("object") && !schema.IsClosed))
        {
            return ValueSchema.Anything;
        }

        Wrong("unknown-member", use, $"'{path}' is {ConfigCheck.Words(schema)}, not a list; it has no items.");
        return null;
    }

    private static string CureFor(string path) =>
        path == "trigger.output.params" ? " Put the parameter into the trigger's path, such as /orders/{id}." : "";

    private void Wrong(string rule, ReferenceUse use, string message) =>
        problems.Add(new Problem(rule, message, use.Site.Step, use.Site.Path, use.Site.At));
}
