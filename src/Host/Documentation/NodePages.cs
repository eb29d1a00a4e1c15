using System.Globalization;
using System.Text;
using System.Text.Json;
using Sluice.Host.Api;

namespace Sluice.Host.Documentation;

/// <summary>
/// Generates the Markdown pages of nodes from their specs. CI fails if the pages in <c>docs/reference/nodes</c> are stale.
/// </summary>
internal static class NodePages
{
    /// <summary>The characters that fit two lines of a table column.</summary>
    private const int LongestCell = 160;

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

    /// <summary>Generates the page of one node.</summary>
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
        var page = new StringBuilder("# Nodes\n\nGenerated from the specs of the nodes by `sluice nodes --write-docs docs/reference/nodes`.\n");
        foreach (var category in nodes.GroupBy(node => node.Category).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {category.Key}\n\n| Type | Description |\n|---|---|\n");
            foreach (var node in category)
            {
                page.Append(CultureInfo.InvariantCulture, $"| [`{node.Type}`]({node.Type}.md) | {Cell(node.Summary)} |\n");
            }
        }

        return page.ToString();
    }

    /// <summary>Describes what an effect means for a workflow.</summary>
    public static string EffectSentence(string effect) => effect switch
    {
        "none" => "none. It only computes, and is evaluated again after a crash.",
        "reply" => "reply. The caller of a workflow with this step waits for it.",
        _ => "external. Everything before it is durable when it starts; after a crash it runs again under the same idempotency key.",
    };

    private static void AppendPorts(StringBuilder page, IReadOnlyList<PortView> ports)
    {
        if (ports.Count == 0)
        {
            return;
        }

        page.Append("## Ports\n\n| Port | Taken if |\n|---|---|\n");
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

        // An output always has all of its fields, so it needs no defaults.
        var isConfig = title == "Config";
        page.Append(isConfig ? "| Field | Type | Default | Description |\n|---|---|---|---|\n" : "| Field | Type | Description |\n|---|---|---|\n");
        foreach (var row in rows)
        {
            var standard = isConfig ? $" {Cell(row.Default)} |" : "";
            page.Append(CultureInfo.InvariantCulture, $"| `{row.Path}` | {Cell(row.Type)} |{standard} {Cell(Brief(row))} |\n");
        }

        page.Append('\n');
        var choices = SchemaRows.ChoicesOf(schema).ToDictionary(choice => choice.Path, choice => choice.Words);
        foreach (var row in rows)
        {
            AppendDetails(page, row, choices.GetValueOrDefault(row.Path, []));
        }
    }

    // A description that does not fit a table cell becomes a section below the table.
    private static void AppendDetails(StringBuilder page, SchemaRows.Row row, IReadOnlyList<(string Word, string Meaning)> words)
    {
        if (words.Count == 0 && row.Description.Length <= LongestCell)
        {
            return;
        }

        page.Append(CultureInfo.InvariantCulture, $"### `{row.Path}`\n\n{row.Description}\n\n");
        if (words.Count == 0)
        {
            return;
        }

        page.Append("| Value | Meaning |\n|---|---|\n");
        foreach (var (word, meaning) in words)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{word}` | {Cell(meaning)} |\n");
        }

        page.Append('\n');
    }

    // The first sentence of a description that is too long for a cell.
    private static string Brief(SchemaRows.Row row) =>
        row.Description.Length <= LongestCell || row.Description.IndexOf(". ", StringComparison.Ordinal) is not (> 0 and var end) ? row.Description : row.Description[..(end + 1)];

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
                page.Append(CultureInfo.InvariantCulture, $"Leaves through `{example.Port}`.\n\n");
            }

            if (example.Output is { } output)
            {
                page.Append(CultureInfo.InvariantCulture, $"Output:\n\n```json\n{JsonSerializer.Serialize(output, Indented)}\n```\n\n");
            }
        }
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("\n", " ", StringComparison.Ordinal);
}
