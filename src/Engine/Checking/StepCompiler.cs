using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Engine.Compiled;
using Sluice.Engine.Definitions;
using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Expressions;
using Sluice.Engine.Plugins;
using Sluice.Engine.Text;

namespace Sluice.Engine.Checking;

/// <summary>Checks and compiles the steps of one workflow.</summary>
internal sealed class StepCompiler
{
    private readonly WorkflowDefinition _workflow;
    private readonly WorkflowChecker _checker;
    private readonly INodeCatalog _nodes;
    private readonly List<Problem> _problems;
    private readonly ReferenceCheck _references;
    private readonly IReadOnlyCollection<string>? _secretNames;

    public StepCompiler(WorkflowDefinition workflow, ValueSchema trigger, WorkflowChecker checker, INodeCatalog nodes, List<Problem> problems)
    {
        _workflow = workflow;
        _checker = checker;
        _nodes = nodes;
        _problems = problems;
        _references = new ReferenceCheck(new StepOrder(workflow), trigger, OutputOf, problems);
        _secretNames = checker.SecretNames;
    }

    /// <summary>Compiles the webhook's expressions. Use the result only if no problem was added.</summary>
    public TriggerExpressions Compile(WebhookTrigger? webhook) => webhook is null
        ? TriggerExpressions.None
        : new TriggerCompiler(_workflow.Name, _references, _secretNames, _problems).Compile(webhook);

    /// <summary>Compiles the steps that can be compiled: all of them if no problem was added.</summary>
    public ImmutableArray<CompiledStep> CompileAll(ImmutableArray<StepDefinition> steps) =>
        [.. steps.TakeWhile(_ => !IsFull).Select(Compile).OfType<CompiledStep>()];

    // A workflow with this many problems is fixed in rounds; more suggestions would only cost time.
    private bool IsFull => _problems.Count > WorkflowChecker.MostProblems;

    private CompiledStep? Compile(StepDefinition step)
    {
        var before = _problems.Count;
        var node = FindNode(step);
        var config = ConfigTemplate.Compile(step.Config, SiteOf(step, "config"), _problems);
        CheckUses(step, step.Config, config.References, config.Secrets);
        if (node is not null)
        {
            CheckConfig(step, node, config, isBroken: _problems.Count > before);
            CheckBranches(step, node, isBroken: _problems.Count > before);
        }

        var when = CompileWhen(step);
        var branches = step.Branches.ToDictionary(branch => branch.Port, branch => CompileAll(branch.Steps));
        return node is null
            ? null
            : new CompiledStep
            {
                Key = step.Key,
                Node = node,
                Config = config,
                When = when,
                Timeout = step.Timeout,
                Branches = branches.ToFrozenDictionary(StringComparer.Ordinal),
            };
    }

    private NodeHandle? FindNode(StepDefinition step)
    {
        if (step.Type.Length == 0)
        {
            return null;
        }

        var node = _nodes.Find(step.Type);
        if (node is null)
        {
            var hint = DidYouMean.Hint(step.Type, _nodes.Nodes.Select(known => known.Type));
            var message = $"There is no node '{step.Type}'.{hint} Install its plugin, or run 'sluice nodes' to list all nodes.";
            _problems.Add(step.Wrong("unknown-node", message, "type", step.TypeAt));
        }

        return node;
    }

    private void CheckConfig(StepDefinition step, NodeHandle node, ConfigTemplate config, bool isBroken)
    {
        var found = new List<Problem>();
        new ConfigCheck(step.Wrong, found).Check(step.Config, _checker.SchemasOf(node.Descriptor).Config, "config");
        _problems.AddRange(found);
        if (isBroken || found.Count > 0 || !config.IsLiteral)
        {
            return;
        }

        foreach (var problem in node.Check(step.Config.ToJson()))
        {
            var path = problem.Path.Length == 0 ? "config" : $"config.{problem.Path}";
            _problems.Add(step.Wrong("bad-config", problem.Message, path, step.Config.PlaceOf(problem.Path)));
        }
    }

    private void CheckBranches(StepDefinition step, NodeHandle node, bool isBroken)
    {
        // Ports that depend on an invalid config would only cause follow-up errors.
        if (step.Branches.IsEmpty || (isBroken && node.Descriptor.Ports.IsEmpty))
        {
            return;
        }

        using var config = JsonDocument.Parse(step.Config.ToJson());
        var (ports, failure) = node.PortsOf(config.RootElement);
        if (failure is not null)
        {
            _problems.Add(step.Wrong("bad-ports", $"The node '{step.Type}' cannot determine the ports of this config: {failure}", "config", step.Config.At));
            return;
        }

        foreach (var branch in step.Branches.Where(branch => !ports.Contains(branch.Port)))
        {
            var message = ports.Count == 0
                ? $"The node '{step.Type}' has no ports, so the step can't have branches; write the steps after it."
                : $"The node '{step.Type}' has no port '{branch.Port}' here.{DidYouMean.Hint(branch.Port, ports)} Ports: {string.Join(", ", ports)}.";
            _problems.Add(step.Wrong("unknown-port", message, $"branches.{branch.Port}", branch.At));
        }
    }

    private Template? CompileWhen(StepDefinition step)
    {
        if (step.When?.ConditionText() is not { } text)
        {
            return null;
        }

        var when = ExpressionCompiler.Compile(text, SiteOf(step, "when") with { At = step.When.At }, _problems);
        CheckUses(step, step.When, when.References, when.Secrets);
        return when;
    }

    private void CheckUses(StepDefinition step, SourceNode source, ImmutableArray<ReferenceUse> references, ImmutableArray<string> secrets)
    {
        foreach (var use in references.TakeWhile(_ => !IsFull))
        {
            _references.Check(use, step);
        }

        foreach (var (message, at) in SecretCheck.Missing(secrets, _secretNames, source))
        {
            _problems.Add(step.Wrong("unknown-secret", message, "config", at));
        }
    }

    private ValueSchema OutputOf(StepDefinition step) =>
        _nodes.Find(step.Type) is { } node ? _checker.SchemasOf(node.Descriptor).Output : ValueSchema.Anything;

    private ExpressionSite SiteOf(StepDefinition step, string path) =>
        new(_workflow.Name, step.Key.Length > 0 ? step.Key : null, path, step.Config.At);
}
