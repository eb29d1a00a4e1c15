using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Host.Api;

namespace Sluice.Host.Documentation;

/// <summary>Writes the documentation of nodes from their specs, as Markdown. The pages in <c>docs/reference/nodes</c> are made by it, and CI fails when they are stale.</summary>
internal static class NodePages
{
    private static readonly JsonSerializerOptions Indented = new(ApiJson.Readable.Options) { WriteIndented = true };

    public static void WriteAll(IReadOnlyList<NodeView> nodes, string directory)
    {
        Directory.CreateDirectory(directory);
        foreach (var stale in Directory.EnumerateFiles(directory, "*.md"))
        {
            File.Delete(stale);
        }

        File.WriteAllText(Path.Combine(directory, "README.md"), Index(nodes));
        foreach (var node in nodes)
        {
            File.WriteAllText(Path.Combine(directory, $"{node.Type}.md"), Page(node));
        }
    }

    /// <summary>One node's page.</summary>
    public static string Page(NodeView node)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"# {node.Name} (`{node.Type}`)\n\n{node.Summary}\n\n");
        page.Append(CultureInfo.InvariantCulture, $"Category: {node.Category}. Effect: {EffectSentence(node.Effect)}\n\n");
        AppendPorts(page, node.Ports);
        AppendFields(page, "Config", node.ConfigSchema);
        AppendFields(page, "Output", node.OutputSchema);
        AppendExamples(page, node.Examples);
        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static string Index(IReadOnlyList<NodeView> nodes)
    {
        var page = new StringBuilder("# Nodes\n\nMade from the specs of the nodes by `sluice nodes --write-docs docs/reference/nodes`.\n");
        foreach (var category in nodes.GroupBy(node => node.Category).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {category.Key}\n\n| type | what it does |\n|---|---|\n");
            foreach (var node in category)
            {
                page.Append(CultureInfo.InvariantCulture, $"| [`{node.Type}`]({node.Type}.md) | {Cell(node.Summary)} |\n");
            }
        }

        return page.ToString();
    }

    /// <summary>What an effect means for a workflow.</summary>
    public static string EffectSentence(string effect) => effect switch
    {
        "none" => "none; it only computes, and may be evaluated again after a crash.",
        "reply" => "reply; a workflow with this step keeps its caller waiting for it.",
        _ => "external; everything ahead of it is durable before it starts.",
    };

    private static void AppendPorts(StringBuilder page, IReadOnlyList<PortView> ports)
    {
        if (ports.Count == 0)
        {
            return;
        }

        page.Append("## Ports\n\n| port | taken when |\n|---|---|\n");
        foreach (var port in ports)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{port.Name}` | {Cell(port.Description)} |\n");
        }

        page.Append('\n');
    }

    private static void AppendFields(StringBuilder page, string title, JsonElement schema)
    {
        page.Append(CultureInfo.InvariantCulture, $"## {title}\n\n");
        var rows = SchemaRows.Of(schema).ToArray();
        if (rows.Length == 0)
        {
            page.Append(title == "Config" ? "No fields.\n\n" : "Any JSON.\n\n");
            return;
        }

        // What a config may leave out matters; an output always holds all of its fields.
        var isConfig = title == "Config";
        page.Append(isConfig ? "| field | type | default | description |\n|---|---|---|---|\n" : "| field | type | description |\n|---|---|---|\n");
        foreach (var row in rows)
        {
            var standard = isConfig ? $" {Cell(row.Default)} |" : "";
            page.Append(CultureInfo.InvariantCulture, $"| `{row.Path}` | {Cell(row.Type)} |{standard} {Cell(row.Description)} |\n");
        }

        page.Append('\n');
        foreach (var choices in SchemaRows.ChoicesOf(schema))
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{choices.Path}` | meaning |\n|---|---|\n");
            foreach (var (word, meaning) in choices.Words)
            {
                page.Append(CultureInfo.InvariantCulture, $"| `{word}` | {Cell(meaning)} |\n");
            }

            page.Append('\n');
        }
    }

    private static void AppendExamples(StringBuilder page, IReadOnlyList<ExampleView> examples)
    {
        if (examples.Count == 0)
        {
            return;
        }

        page.Append("## Examples\n\n");
        foreach (var example in examples)
        {
            page.Append(CultureInfo.InvariantCulture, $"{example.Summary}\n\n```json\n{JsonSerializer.Serialize(example.Config, Indented)}\n```\n\n");
            if (example.Port is not null)
            {
                page.Append(CultureInfo.InvariantCulture, $"leaves through `{example.Port}`");
                page.Append(example.Output is null ? ".\n\n" : ", and ");
            }

            if (example.Output is { } output)
            {
                page.Append(CultureInfo.InvariantCulture, $"gives\n\n```json\n{JsonSerializer.Serialize(output, Indented)}\n```\n\n");
            }
        }
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("\n", " ", StringComparison.Ordinal);
}
