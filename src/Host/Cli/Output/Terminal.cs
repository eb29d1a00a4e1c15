using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Sluice.Host.Cli.Output;

/// <summary>
/// Writes the output of a command: with colour and fitted tables to a terminal, plain and one line per row to a pipe or a file. Control
/// characters in text from elsewhere never reach the terminal.
/// </summary>
/// <param name="output">The writer.</param>
/// <param name="hasColour">Whether to use colour.</param>
/// <param name="width">The columns of the terminal; null for a pipe or a file.</param>
internal sealed class Terminal(TextWriter output, bool hasColour, int? width)
{
    private const int UnknownWidth = 80;

    /// <summary>The columns of the terminal; null if nothing has to fit.</summary>
    public int? Width => width;

    /// <summary>Standard output.</summary>
    public static Terminal Output() => Open(Console.Out, Console.IsOutputRedirected);

    /// <summary>Standard error.</summary>
    public static Terminal Error() => Open(Console.Error, Console.IsErrorRedirected);

    /// <summary>Makes text safe to write to a terminal: control characters become visible. Line ends are kept.</summary>
    public static string Clean(string text)
    {
        if (!text.Any(character => char.IsControl(character) && character is not ('\n' or '\t')))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var character in text.Replace("\r\n", "\n", StringComparison.Ordinal))
        {
            _ = char.IsControl(character) && character is not ('\n' or '\t')
                ? clean.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}")
                : clean.Append(character);
        }

        return clean.ToString();
    }

    /// <summary>Makes text safe as <see cref="Clean"/> does, on one line.</summary>
    public static string CleanLine(string text) => Clean(text).ReplaceLineEndings(" ");

    /// <summary>Gets the text in the colour of a style, if colour is enabled.</summary>
    public string Paint(string text, Style style) => !hasColour || style == Style.None || text.Length == 0 ? text : $"\e[{Code(style)}m{text}\e[0m";

    /// <summary>Writes one line.</summary>
    public void Line(string text = "") => output.WriteLine(text);

    /// <summary>Writes rows under column headings.</summary>
    public void Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<Cell>> rows)
    {
        IReadOnlyList<Cell>[] all = [.. rows.Select(row => row.Select(cell => cell with { Text = CleanLine(cell.Text) }).ToArray())];
        if (width is { } fitted)
        {
            Fit(columns, all, fitted);
            return;
        }

        Columns([[.. columns.Select(column => (Cell)column)], .. all], indent: "");
    }

    /// <summary>Writes rows with aligned columns, one line each, however long. The caller removes line ends from cells.</summary>
    public void Columns(IReadOnlyList<IReadOnlyList<Cell>> rows, string indent)
    {
        var widths = Enumerable.Range(0, rows.Count == 0 ? 0 : rows.Max(row => row.Count))
            .Select(column => rows.Where(row => column < row.Count).Max(row => row[column].Text.Length))
            .ToArray();
        foreach (var row in rows)
        {
            var last = row.Count - 1;
            while (last > 0 && row[last].Text.Length == 0)
            {
                last--;
            }

            var cells = row.Take(last + 1).Select((cell, column) =>
                Paint(cell.Text, cell.Style) + (column == last ? "" : new string(' ', widths[column] - cell.Text.Length + 2)));
            Line(indent + string.Concat(cells));
        }
    }

    private static Terminal Open(TextWriter output, bool isRedirected) => new(
        output,
        !isRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "" && Environment.GetEnvironmentVariable("TERM") != "dumb",
        isRedirected ? null : WindowWidth());

    private static int WindowWidth()
    {
        try
        {
            return Console.WindowWidth is > 0 and var columns ? columns : UnknownWidth;
        }
        catch (IOException)
        {
            return UnknownWidth;
        }
    }

    private static int Code(Style style) => style switch
    {
        Style.Strong => 1,
        Style.Dim => 2,
        Style.Good => 32,
        Style.Warning => 33,
        Style.Bad => 31,
        _ => 0,
    };

    private void Fit(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<Cell>> rows, int columnsOfTerminal)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = hasColour ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = hasColour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = columnsOfTerminal;
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns)
        {
            table.AddColumn(column);
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Markup(Markup.Escape(cell.Text), Spectre(cell.Style))));
        }

        console.Write(table);
    }

    private static global::Spectre.Console.Style Spectre(Style style) => style switch
    {
        Style.Strong => new(decoration: Decoration.Bold),
        Style.Dim => new(decoration: Decoration.Dim),
        Style.Good => new(Color.Green),
        Style.Warning => new(Color.Olive),
        Style.Bad => new(Color.Maroon),
        _ => global::Spectre.Console.Style.Plain,
    };
}
