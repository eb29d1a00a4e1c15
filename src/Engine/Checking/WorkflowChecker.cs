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

/// <summary>Proves of a workflow what can be proved before it goes live, and compiles it. Safe to call from many threads at once.</summary>
/// <param name="catalog">The nodes there are.</param>
/// <param name="secretNames">Gives the names of all secrets there are; null where they are not to be checked.</param>
/// <param name="schemes">The schemes of authentication there are; none if omitted.</param>
internal sealed class WorkflowChecker(
    INodeCatalog catalog, Func<IReadOnlyCollection<string>?>? secretNames = null, AuthSchemes? schemes = null)
{
    /// <summary>The most problems told of one text.</summary>
    public const int MostProblems = 100;

    // By descriptor, so that a plugin's newer version brings its own schemas and the older one's go with it.
    private readonly ConditionalWeakTable<NodeDescriptor, NodeSchemas> _schemas = [];

    /// <summary>Reads and checks a text: all that is wrong with it, in the order of the text.</summary>
    /// <param name="text">YAML or JSON.</param>
    /// <param name="nodes">The nodes to check it against; those that new workflows get where none are given.</param>
    public CheckedWorkflow CheckText(string text, INodeCatalog? nodes = null)
    {
        var (definition, shape) = WorkflowReader.Read(text);
        return CheckDefinition(definition, shape, nodes);
    }

    /// <summary>Checks what <see cref="WorkflowReader"/> made of a text.</summary>
    /// <param name="definition">The definition; null if the text could not be read.</param>
    /// <param name="shape">What is wrong with its shape.</param>
    /// <param name="nodes">The nodes to check it against; those that new workflows get if omitted.</param>
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

    /// <summary>Checks the meaning of a definition; compiled where nothing is wrong with it.</summary>
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

    /// <summary>The schemas of a node, read once.</summary>
    public NodeSchemas SchemasOf(NodeDescriptor node) => _schemas.GetValue(
        node, static node => new NodeSchemas(ValueSchema.Read(node.ConfigSchema), ValueSchema.Read(node.OutputSchema)));

    private static ImmutableArray<Problem> InOrder(IEnumerable<Problem> problems)
    {
        Problem[] all = [.. problems.OrderBy(problem => problem.At?.Line).ThenBy(problem => problem.At?.Column)];
        return all.Length <= MostProblems
            ? [.. all]
            : [.. all.Take(MostProblems), new Problem("more-problems", $"There are more than {MostProblems} problems. Fix these first.")];
    }

    // Where the trigger is wrong, nothing is known of what it gives, and nothing is said about it.
    private static ValueSchema TriggerSchema(WorkflowDefinition definition, WebhookTrigger? webhook) => definition.Trigger.Type switch
    {
        "webhook" when webhook is not null => RunSchemas.WebhookTrigger(webhook.Pattern, webhook.Request),
        _ => ValueSchema.Anything,
    };
}

/// <summary>What checking a text came to.</summary>
/// <param name="Definition">The workflow as far as it could be read.</param>
/// <param name="Compiled">Ready to run; null where there is a problem.</param>
/// <param name="Problems">All that is wrong, in the order of the text.</param>
internal sealed record CheckedWorkflow(WorkflowDefinition? Definition, CompiledWorkflow? Compiled, ImmutableArray<Problem> Problems);

/// <summary>The schemas of a node.</summary>
internal sealed record NodeSchemas(ValueSchema Config, ValueSchema Output);
