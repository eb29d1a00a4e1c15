using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sluice.Engine.Compiled;
using Sluice.Engine.Json;
using Sluice.Engine.Plugins;

namespace Sluice.Engine.Publishing;

/// <summary>Pins a node type of a workflow version to the exact plugin that it was checked against.</summary>
/// <param name="Type">The node's type identifier.</param>
/// <param name="Plugin">The plugin's name, version and hash.</param>
internal sealed record PluginPin(string Type, PluginIdentity Plugin)
{
    /// <summary>Returns the pins of a compiled workflow, by type.</summary>
    public static ImmutableArray<PluginPin> Of(CompiledWorkflow workflow) =>
    [
        .. workflow.AllSteps().Select(step => step.Node.Descriptor).DistinctBy(node => node.Type)
            .OrderBy(node => node.Type, StringComparer.Ordinal).Select(node => new PluginPin(node.Type, node.Plugin)),
    ];

    /// <summary>Returns the stored form: <c>{"logic_gate":"Logic@1.0.0+hash"}</c>.</summary>
    public static string Write(ImmutableArray<PluginPin> pins) => Encoding.UTF8.GetString(JsonText.Write(pins, static (writer, pins) =>
    {
        writer.WriteStartObject();
        foreach (var pin in pins)
        {
            writer.WriteString(pin.Type, pin.Plugin.Record);
        }

        writer.WriteEndObject();
    }));

    /// <summary>Parses what <see cref="Write"/> wrote.</summary>
    public static ImmutableArray<PluginPin> Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().Select(member => new PluginPin(member.Name, PluginIdentity.Parse(member.Value.GetString()!))).ToArray() is { Length: > 0 } pins
            ? [.. pins]
            : [];
    }
}
