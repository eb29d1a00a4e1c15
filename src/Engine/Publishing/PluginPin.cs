using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sluice.Engine.Compiled;
using Sluice.Engine.Json;
using Sluice.Engine.Plugins;

namespace Sluice.Engine.Publishing;

/// <summary>What a workflow version was checked against: the plugin that one of its node types comes from, exactly.</summary>
/// <param name="Type">The node's type identifier.</param>
/// <param name="Plugin">The plugin's name, version and hash.</param>
internal sealed record PluginPin(string Type, PluginIdentity Plugin)
{
    /// <summary>The pins of a workflow as it was compiled, by type.</summary>
    public static ImmutableArray<PluginPin> Of(CompiledWorkflow workflow) =>
    [
        .. workflow.AllSteps().Select(step => step.Node.Descriptor).DistinctBy(node => node.Type)
            .OrderBy(node => node.Type, StringComparer.Ordinal).Select(node => new PluginPin(node.Type, node.Plugin)),
    ];

    /// <summary>As stored: <c>{"logic_gate":"Logic@1.0.0+hash"}</c>.</summary>
    public static string Write(ImmutableArray<PluginPin> pins) => Encoding.UTF8.GetString(JsonText.Write(pins, static (writer, pins) =>
    {
        writer.WriteStartObject();
        foreach (var pin in pins)
        {
            writer.WriteString(pin.Type, pin.Plugin.Record);
        }

        writer.WriteEndObject();
    }));

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static ImmutableArray<PluginPin> Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().Select(member => new PluginPin(member.Name, PluginIdentity.Parse(member.Value.GetString()!))).ToArray() is { Length: > 0 } pins
            ? [.. pins]
            : [];
    }
}
