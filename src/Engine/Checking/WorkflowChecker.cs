using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Sluice.Engine.Compiled;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Definitions.Triggers.Authentication;
using Sluice.Engine.Plugins;
using Sluice.Engine.Text;
using Sluice.Sdk;

namespace Sluice.Engine.Checking;

/// <summary>Checks everything about a workflow that can be checked before it goes live, and compiles it. Thread-safe.</summary>
/// <param name="catalog">The available nodes.</param>
/// <param name="secretNames">Returns the names of all secrets; null to skip the check of secrets.</param>
/// <param name="schemes">The available authentication schemes; none if omitted.</param>
internal sealed class WorkflowChecker(
    INodeCatalog catalog, Func<IReadOnlyCollection<string>?>? secretNames = null, AuthSchemes? schemes = null)
{
    /// <summary>The most problems reported for one workflow.</summary>
    public const int MostProblems = 100;

    // Keyed by descriptor, so that a new version of a plugin brings its own schemas and the old version's are released with it.
    private readonly ConditionalWeakTable<NodeDescriptor, NodeSchemas> _schemas = [];

    /// <summary>Parses and checks a workflow, and returns all problems in source order.</summary>
    /// <param name="text">YAML or JSON.</param>
    /// <param name="nodes">The nodes to check against; those for new workflows if omitted.</param>
    public CheckedWorkflow CheckText(string text, INodeCatalog? nodes = null)
    {
        var (definition, shape) = WorkflowReader.Read(text);
        return CheckDefinition(definition, shape, nodes);
    }

    /// <summary>Checks what <see cref="WorkflowReader"/> parsed.</summary>
    /// <param name="definition">The definition; null if the source could not be parsed.</param>
    /// <param name="shape">The problems of its shape.</param>
    /// <param name="nodes">The nodes to check against; those for new workflows if omitted.</param>
    public CheckedWorkflow CheckDefinition(WorkflowDefinition? definition, IReadOnlyList<Problem> shape, INodeCatalog? nodes = null)
    {
        if (definition is null)
        {
            return new CheckedWorkflow(null, null, InOrder(shape));
        }

        var (compiled, meaning) = Check(definition, nodes);
        var problems = InOrder(shape.Concat(meaning));
        return new CheckedWorkflow(definition, problems.IsEmpty ? compiled : null, problems);
    }

    /// <summary>Checks the semantics of a definition, and compiles it if it has no problems.</summary>
    public (CompiledWorkflow? Compiled, IReadOnlyList<Problem> Problems) Check(WorkflowDefinition definition, INodeCatalog? nodes = null)
    {
        var problems = new List<Problem>();
        var webhook = TriggerReader.Read(definition.Trigger, Schemes, problems);
        var compiler = new StepCompiler(definition, TriggerSchema(definition, webhook), this, nodes ?? catalog, problems);
        var trigger = compiler.Compile(webhook);
        var steps = compiler.CompileAll(definition.Steps);
        if (problems.Count > 0)
        {
            return (null, problems);
        }

        var all = steps.SelectMany(step => step.WithNested()).ToList();
        var compiled = new CompiledWorkflow
        {
            Name = definition.Name,
            Definition = definition,
            Webhook = webhook,
            Trigger = trigger,
            Steps = steps,
            Replies = all.Any(step => step.Node.Descriptor.Effect == Effect.Reply),
            BodyUse = BodyReads.Of(webhook, trigger, all),
            Secrets =
            [
                .. all.SelectMany(step => step.Config.Secrets.Concat(step.When?.Secrets ?? []))
                    .Concat(trigger.Secrets)
                    .Concat(webhook?.Auth?.Secrets.Select(secret => secret.Name) ?? [])
                    .Distinct()
                    .Order(StringComparer.Ordinal),
            ],
        };
        return (compiled, problems);
    }

    public INodeCatalog Catalog => catalog;

    public AuthSchemes Schemes { get; } = schemes ?? AuthSchemes.None;

    public IReadOnlyCollection<string>? SecretNames => secretNames?.Invoke();

    /// <summary>The schemas of a node, parsed once.</summary>
    public NodeSchemas SchemasOf(NodeDescriptor node) => _schemas.GetValue(
        node, static node => new NodeSchemas(ValueSchema.Read(node.ConfigSchema), ValueSchema.Read(node.OutputSchema)));

    private static ImmutableArray<Problem> InOrder(IEnumerable<Problem> problems)
    {
        Problem[] all = [.. problems.OrderBy(problem => problem.At?.Line).ThenBy(problem => problem.At?.Column)];
        return all.Length <= MostProblems
            ? [.. all]
            : [.. all.Take(MostProblems), new Problem("more-problems", $"There are more than {MostProblems} problems. Fix these first.")];
    }

    // The output of an invalid trigger is unknown, so nothing about it is reported.
    private static ValueSchema TriggerSchema(WorkflowDefinition definition, WebhookTrigger? webhook) => definition.Trigger.Type switch
    {
        "webhook" when webhook is not null => RunSchemas.WebhookTrigger(webhook.Pattern, webhook.Request),
        _ => ValueSchema.Anything,
    };
}

/// <summary>The result of checking a workflow.</summary>
/// <param name="Definition">The workflow as far as it could be parsed.</param>
/// <param name="Compiled">The compiled workflow; null if there is a problem.</param>
/// <param name="Problems">All problems, in source order.</param>
internal sealed record CheckedWorkflow(WorkflowDefinition? Definition, CompiledWorkflow? Compiled, ImmutableArray<Problem> Problems);

/// <summary>The schemas of a node.</summary>
internal sealed record NodeSchemas(ValueSchema Config, ValueSchema Output);
