using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Engine.Compiled;
using Sluice.Engine.Expressions;

namespace Sluice.Host.Cli;

/// <summary>Builds a JSON body to try a webhook with: it has every member that the steps of the workflow read by name.</summary>
internal static class ExampleBody
{
    /// <summary>Gets the body as JSON on one line, without apostrophes, so that it fits in single quotes in a shell.</summary>
    public static string Of(CompiledWorkflow workflow)
    {
        ImmutableArray<ReferencePart>[] read =
        [
            .. from step in workflow.AllSteps()
               from use in step.References
               where use.Reference is { Root: "trigger", Parts: [{ Name: "output" }, { Name: "body" }, _, ..] }
               select use.Reference.Parts[2..],
        ];
        return (read.Length == 0 ? new JsonObject { ["id"] = 1 } : ValueWith(read)).ToJsonString(JsonSerializerOptions.Default);
    }

    // A string if nothing else is known about a value; it can also be read as a number.
    private static JsonNode ValueWith(IReadOnlyCollection<ImmutableArray<ReferencePart>> paths)
    {
        var deeper = paths.Where(path => path.Length > 0).ToLookup(path => path[0].Name, path => path[1..]);
        return deeper.Count == 0 ? JsonValue.Create("1")
            : deeper.Contains(null) ? new JsonArray(ValueWith([.. deeper[null]]))
            : new JsonObject(deeper.Select(member => KeyValuePair.Create(member.Key!, (JsonNode?)ValueWith([.. member]))));
    }
}
