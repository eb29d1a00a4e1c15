using Sluice.Engine.Compiled;
using Sluice.Engine.Expressions;
using Sluice.Sdk;

namespace Sluice.Engine.Execution;

/// <summary>Tells whether the data that a step failed on came with the request of its run: then the failure is the caller's.</summary>
/// <remarks>Such data is the output of the trigger, and what pure steps derived from it. The outputs of other steps come from elsewhere.</remarks>
internal sealed class RequestData(CompiledWorkflow workflow)
{
    private readonly Dictionary<string, Origin> _known = new(StringComparer.Ordinal);

    private enum Origin
    {
        /// <summary>The workflow itself, or the host.</summary>
        Own,
        Request,
        Elsewhere,
    }

    /// <summary>Whether an expression at a place of a step reads data of the request, and no other.</summary>
    /// <param name="workflow">The step's workflow.</param>
    /// <param name="step">The step.</param>
    /// <param name="path">The place of the expression, as in <see cref="ExpressionSite.Path"/>.</param>
    public static bool IsReadAt(CompiledWorkflow workflow, CompiledStep step, string path) =>
        IsOnly(workflow, step.References.Where(use => use.Site.Path == path));

    /// <summary>Whether a config is wrong because of data of the request alone.</summary>
    /// <param name="workflow">The step's workflow.</param>
    /// <param name="step">The step.</param>
    /// <param name="configPath">The field that is wrong, as in <see cref="NodeFailure.ConfigPath"/>; all of the config counts if no expression is there.</param>
    public static bool IsAtFaultIn(CompiledWorkflow workflow, CompiledStep step, string? configPath)
    {
        if (string.IsNullOrEmpty(configPath))
        {
            return IsOnly(workflow, step.Config.References);
        }

        var path = $"config.{configPath}";
        var ofField = step.Config.References.Where(use => IsWithin(use.Site.Path, path) || IsWithin(path, use.Site.Path)).ToList();
        return IsOnly(workflow, ofField.Count > 0 ? ofField : step.Config.References);
    }

    private static bool IsOnly(CompiledWorkflow workflow, IEnumerable<ReferenceUse> uses) => new RequestData(workflow).OriginOf(uses) == Origin.Request;

    private static bool IsWithin(string path, string field) =>
        path.StartsWith(field, StringComparison.Ordinal) && (path.Length == field.Length || path[field.Length] is '.' or '[');

    private Origin OriginOf(IEnumerable<ReferenceUse> uses) => uses.Select(use => OriginOf(use.Reference)).DefaultIfEmpty(Origin.Own).Max();

    private Origin OriginOf(Reference reference) => reference.Root switch
    {
        "trigger" => Origin.Request,
        "run" => Origin.Own,
        var key => OriginOf(key),
    };

    private Origin OriginOf(string key)
    {
        if (!_known.TryGetValue(key, out var origin))
        {
            var step = workflow.AllSteps().FirstOrDefault(step => step.Key == key);
            _known[key] = origin = step?.Node.Descriptor.Effect switch
            {
                Effect.None => OriginOf(step.Config.References),
                // A receipt of the host's.
                Effect.Reply => Origin.Own,
                _ => Origin.Elsewhere,
            };
        }

        return origin;
    }
}
