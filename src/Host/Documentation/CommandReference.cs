using System.CommandLine;
using System.Globalization;
using System.Text;

namespace Sluice.Host.Documentation;

/// <summary>Generates the command-line reference (<c>docs/reference/cli.md</c>) from the commands; a test compares it.</summary>
internal static class CommandReference
{
    private const string Introduction = """
        # Command line

        Generated from the commands by `sluice reference`. `sluice COMMAND --help` prints the same on a terminal.

        | Exit code | Meaning |
        |---|---|
        | 0 | Success |
        | 1 | A problem with the input: a workflow, a file, the configuration, or the state of the host |
        | 2 | Wrong usage: an unknown command or option, a missing or conflicting value |
        | 130, 143 | Ended by Ctrl+C (SIGINT) or SIGTERM, after cleaning up |

        Output goes to standard output, errors go to standard error. On a terminal, output has colour unless `NO_COLOR` is
        set. In a pipe or a file, each row is one line without colour.

        Commands keep what they found about plugins in `$XDG_CACHE_HOME/sluice` (`~/.cache/sluice` by default), so that the
        next command starts sooner. You can delete this directory at any time.

        """;

    /// <summary>Generates the whole page.</summary>
    public static string Page(RootCommand root)
    {
        var page = new StringBuilder(Introduction.ReplaceLineEndings("\n")).Append('\n');
        Append(page, root, "sluice");
        return page.ToString().TrimEnd('\n') + "\n";
    }

    private static void Append(StringBuilder page, Command command, string path)
    {
        page.Append(CultureInfo.InvariantCulture, $"## `{path}`\n\n{command.Description}\n\n");
        if (command.Action is not null)
        {
            page.Append(CultureInfo.InvariantCulture, $"```text\n{Usage(command, path)}\n```\n\n");
        }

        Command[] inner = [.. command.Subcommands.Where(command => !command.Hidden)];
        AppendTable(page, "Argument", command.Arguments.Where(argument => !argument.Hidden).Select(argument => (argument.Name, argument.Description ?? "")));
        AppendTable(page, "Option", command.Options.Where(option => !option.Hidden && !IsCommon(option)).Select(Row));
        AppendTable(page, "Command", inner.Select(command => (command.Name, command.Description ?? "")));
        foreach (var subcommand in inner)
        {
            Append(page, subcommand, $"{path} {subcommand.Name}");
        }
    }

    private static string Usage(Command command, string path) => string.Join(' ',
    [
        path,
        .. command.Subcommands.Any(inner => !inner.Hidden) ? ["[COMMAND]"] : Array.Empty<string>(),
        .. command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues == 0 ? $"[{argument.Name}]" : argument.Name),
        .. command.Options.Where(option => option.Required).Select(option => $"{option.Name} {option.HelpName}"),
        "[OPTIONS]",
    ]);

    private static (string, string) Row(Option option)
    {
        var names = string.Join(", ", option.Aliases.Prepend(option.Name).Order(StringComparer.Ordinal).Reverse());
        var value = option.ValueType == typeof(bool) ? "" : $" {option.HelpName ?? Choices(option)}";
        var standard = option.HasDefaultValue && option.ValueType != typeof(bool) ? $" [default: {option.GetDefaultValue()}]" : "";
        return (names + value, $"{option.Description}{(option.Required ? " (required)" : "")}{standard}");
    }

    private static string Choices(Option option) => string.Join('|', option.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(item => item.Label));

    // Every command has them; the introduction lists them.
    private static bool IsCommon(Option option) => option is System.CommandLine.Help.HelpOption or VersionOption;

    private static void AppendTable(StringBuilder page, string title, IEnumerable<(string Name, string Text)> given)
    {
        (string Name, string Text)[] rows = [.. given];
        if (rows.Length == 0)
        {
            return;
        }

        page.Append(CultureInfo.InvariantCulture, $"| {title} | Description |\n|---|---|\n");
        foreach (var (name, text) in rows)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{Cell(name)}` | {Cell(text)} |\n");
        }

        page.Append('\n');
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace("\n", " ", StringComparison.Ordinal);
}
