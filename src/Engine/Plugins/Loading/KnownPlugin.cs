using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Engine.Json;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins.Loading;

/// <summary>
/// The results of the first load of a plugin's content, stored beside its copy. The same content passes every check again and describes the
/// same nodes, so the next start neither checks, asks nor tries it.
/// </summary>
/// <param name="Identity">The plugin.</param>
/// <param name="EntryName">The file name of its entry assembly.</param>
/// <param name="Nodes">Its nodes, by the full name of their classes.</param>
internal sealed record KnownPlugin(PluginIdentity Identity, string EntryName, IReadOnlyDictionary<string, NodeDescriptor> Nodes)
{
    /// <summary>Returns the descriptors of its nodes; null if the instances are not of the recorded classes.</summary>
    public IReadOnlyList<NodeDescriptor>? Describe(ImmutableArray<INode> instances) =>
        instances.Length == Nodes.Count && instances.All(node => Nodes.ContainsKey(ClassOf(node))) ? [.. instances.Select(node => Nodes[ClassOf(node)])] : null;

    /// <summary>Returns the key of a node in <see cref="Nodes"/>.</summary>
    public static string ClassOf(INode node) => node.GetType().FullName!;

    /// <summary>
    /// Parses what <see cref="Write"/> wrote; null if other code wrote it, if it belongs to a plugin with another name, or if it is
    /// damaged.
    /// </summary>
    public static KnownPlugin? Read(ReadOnlyMemory<byte> json, string plugin, string hash)
    {
        try
        {
            var root = JsonElement.Parse(json.Span);
            if (root.GetProperty("checked_by").GetString() != CodeStamp.Current || root.GetProperty("plugin").GetString() != plugin)
            {
                return null;
            }

            // A path could lead outside of the plugin's copy.
            var entry = Text(root, "entry");
            if (entry != Path.GetFileName(entry))
            {
                return null;
            }

            var identity = new PluginIdentity(plugin, Text(root, "version"), hash);
            var nodes = root.GetProperty("nodes").EnumerateObject().Select(node => KeyValuePair.Create(node.Name, ReadNode(node.Value, identity)));
            return new KnownPlugin(identity, entry, nodes.ToFrozenDictionary(StringComparer.Ordinal));
        }
        catch (Exception damaged) when (damaged is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // A power failure may leave a damaged file; then the content is checked again.
            return null;
        }
    }

    /// <summary>Returns the stored form: JSON with the stamp of the code that found it out.</summary>
    public byte[] Write() => JsonText.Write(this, static (writer, known) =>
    {
        writer.WriteStartObject();
        writer.WriteString("checked_by", CodeStamp.Current);
        writer.WriteString("plugin", known.Identity.Name);
        writer.WriteString("version", known.Identity.Version);
        writer.WriteString("entry", known.EntryName);
        writer.WriteStartObject("nodes");
        foreach (var (name, node) in known.Nodes)
        {
            writer.WritePropertyName(name);
            WriteNode(writer, node);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    private static void WriteNode(Utf8JsonWriter writer, NodeDescriptor node)
    {
        writer.WriteStartObject();
        writer.WriteString("type", node.Type);
        writer.WriteString("name", node.Name);
        writer.WriteString("category", node.Category);
        writer.WriteString("summary", node.Summary);
        writer.WriteNumber("effect", (int)node.Effect);
        writer.WriteString("on_repeat", node.OnRepeat);
        writer.WriteStartArray("ports");
        foreach (var port in node.Ports)
        {
            writer.WriteStartObject();
            writer.WriteString("name", port.Name);
            writer.WriteString("description", port.Description);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WritePropertyName("config_schema");
        node.ConfigSchema.WriteTo(writer);
        writer.WritePropertyName("output_schema");
        node.OutputSchema.WriteTo(writer);
        writer.WriteStartArray("examples");
        foreach (var example in node.Examples)
        {
            writer.WriteStartObject();
            writer.WriteString("summary", example.Summary);
            writer.WriteString("config", example.Config);
            writer.WriteString("output", example.Output);
            writer.WriteString("port", example.Port);
            writer.WriteBoolean("needs_network", example.NeedsNetwork);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static NodeDescriptor ReadNode(JsonElement node, PluginIdentity plugin) => new()
    {
        Type = Text(node, "type"),
        Name = Text(node, "name"),
        Category = Text(node, "category"),
        Summary = Text(node, "summary"),
        Effect = (Effect)node.GetProperty("effect").GetInt32(),
        OnRepeat = node.GetProperty("on_repeat").GetString(),
        Ports = [.. node.GetProperty("ports").EnumerateArray().Select(port => new PortSpec(Text(port, "name"), Text(port, "description")))],
        ConfigSchema = node.GetProperty("config_schema"),
        OutputSchema = node.GetProperty("output_schema"),
        Examples = [.. node.GetProperty("examples").EnumerateArray().Select(ReadExample)],
        Plugin = plugin,
    };

    private static NodeExample ReadExample(JsonElement example) => new(
        Text(example, "summary"),
        Text(example, "config"),
        example.GetProperty("output").GetString(),
        example.GetProperty("port").GetString(),
        example.GetProperty("needs_network").GetBoolean());

    private static string Text(JsonElement of, string member) => of.GetProperty(member).GetString() ?? throw new JsonException($"{member} is null.");
}
