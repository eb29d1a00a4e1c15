using System.Text.Json;
using Sluice.Host.Api;
using Sluice.Host.Cli.Output;
using Sluice.Host.Documentation;

namespace Sluice.Host.Cli;

/// <summary>
/// Prints a node's documentation on the terminal: config with defaults, bounds and examples, output, ports, and example steps.
/// </summary>
internal sealed class NodePage(Terminal terminal)
{
    // Longer lines are hard to read, even on a wide terminal.
    private const int WidestText = 100;

    public void Print(NodeView node)
    {
        terminal.Line($"{terminal.Paint(Terminal.CleanLine(node.Type), Style.Strong)}  {Terminal.CleanLine($"{node.Name} ({node.Category}, plugin {node.Plugin})")}");
        Text(node.Summary, "  ");
        Text($"Effect: {NodePages.EffectSentence(node.Effect)}", "  ");
        if (node.OnRepeat is { } repeat)
        {
            Text($"Repeated with the same idempotency key: {repeat}", "  ");
        }

        PrintFields("Config", node.ConfigSchema, "Takes no config.");
        PrintFields("Output", node.OutputSchema, "Any JSON.");
        PrintPorts(node.Ports);
        PrintExamples(node.Examples);
    }

    private void PrintFields(string title, JsonElement schema, string none)
    {
        Heading(title);
        var isConfig = title == "Config";
        SchemaRows.Row[] rows = [.. SchemaRows.Of(schema)];
        if (rows.Length == 0)
        {
            Text(none, "  ");
        }

        foreach (var row in rows)
        {
            var facts = string.Join(", ", FactsOf(row, isConfig).Prepend(HasMeanings(row) ? "one of the words below" : Plain(row.Type)));
            terminal.Line($"  {terminal.Paint(Terminal.CleanLine(row.Path), Style.Strong)}  {terminal.Paint(Terminal.CleanLine(facts), Style.Dim)}");
            Text(SchemaFacts.Description(row.Schema), "      ");
            if (SchemaFacts.Example(row.Schema) is { } example)
            {
                Text($"Example: {example}", "      ");
            }
        }

        foreach (var choices in SchemaRows.ChoicesOf(schema))
        {
            terminal.Line();
            terminal.Line($"  {terminal.Paint(Terminal.CleanLine(choices.Path), Style.Strong)} is one of:");
            terminal.Columns([.. choices.Words.Select(word => (Cell[])[Terminal.CleanLine(word.Word), Terminal.CleanLine(word.Meaning)])], "      ");
        }
    }

    // A long list of values is printed once, with their meanings.
    private static bool HasMeanings(SchemaRows.Row row) => row.Schema.ValueKind == JsonValueKind.Object && row.Schema.TryGetProperty("enumDescriptions", out _);

    // What a config may omit matters; an output always has all of its fields.
    private static IEnumerable<string> FactsOf(SchemaRows.Row row, bool isConfig) => isConfig
        ? SchemaFacts.Bounds(row.Schema).Prepend(row.IsRequired ? "required" : row.Default.Length > 0 ? $"default {Plain(row.Default)}" : "optional")
        : SchemaFacts.Bounds(row.Schema);

    private void PrintPorts(IReadOnlyList<PortView> ports)
    {
        if (ports.Count == 0)
        {
            return;
        }

        Heading("Ports");
        foreach (var port in ports)
        {
            terminal.Line($"  {terminal.Paint(Terminal.CleanLine(port.Name), Style.Strong)}");
            Text(port.Description, "      ");
        }
    }

    private void PrintExamples(IReadOnlyList<ExampleView> examples)
    {
        if (examples.Count == 0)
        {
            return;
        }

        Heading("Examples");
        foreach (var example in examples)
        {
            Text(example.Summary, "  ");
            terminal.Line($"      config: {Terminal.CleanLine(example.Config.GetRawText())}");
            if (example.Port is { } port)
            {
                terminal.Line($"      port: {Terminal.CleanLine(port)}");
            }

            if (example.Output is { } output)
            {
                terminal.Line($"      output: {Terminal.CleanLine(output.GetRawText())}");
            }
        }
    }

    private void Heading(string title)
    {
        terminal.Line();
        terminal.Line(terminal.Paint(title, Style.Strong));
    }

    // In a pipe or a file a paragraph is one line.
    private void Text(string text, string indent)
    {
        if (text.Length == 0)
        {
            return;
        }

        foreach (var line in Wrap(Terminal.CleanLine(text), terminal.Width is { } width ? Math.Min(width, WidestText) - indent.Length : int.MaxValue))
        {
            terminal.Line(indent + line);
        }
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return line;
    }

    // Markdown's code marks.
    private static string Plain(string text) => text.Replace("`", "", StringComparison.Ordinal);
}
