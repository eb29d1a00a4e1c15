using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Sluice.Engine.Text;

namespace Sluice.Host.Cli;

/// <summary>Finds usage errors in a command line, and suggests what was probably meant.</summary>
internal static class UsageCheck
{
    /// <summary>The name of the program.</summary>
    private const string Program = "sluice";

    /// <summary>Whether a group of commands was called without one of them.</summary>
    public static bool IsGroupAlone(ParseResult result) =>
        result is { Action: null or ParseErrorAction, UnmatchedTokens.Count: 0, CommandResult.Command: { Action: null, Subcommands.Count: > 0 } };

    /// <summary>Gets the command as typed.</summary>
    public static string PathOf(ParseResult result)
    {
        var names = new List<string>();
        for (SymbolResult? at = result.CommandResult; at is CommandResult { Command: not RootCommand } command; at = command.Parent)
        {
            names.Insert(0, command.Command.Name);
        }

        return string.Join(' ', names.Prepend(Program));
    }

    /// <summary>Gets all usage errors, one line each.</summary>
    public static IReadOnlyList<string> Problems(ParseResult result)
    {
        string[] strangers = [.. result.UnmatchedTokens];
        string[] options = [.. TakenForValues(result), .. strangers.Where(IsOption)];
        var errors = result.Errors.Select(error => error.Message)
            .Where(message => !Array.Exists(strangers, stranger => message.Contains($"'{stranger}'", StringComparison.Ordinal)));
        return
        [
            .. options.Length > 0 ? options.Select(option => NoOption(option, result))
                : strangers.Length > 0 && result.CommandResult.Command.Subcommands.Count > 0 ? [NoCommand(strangers[0], result)]
                : strangers.Select(stranger => $"Unexpected argument '{stranger}'."),
            // A group then always misses its command too.
            .. strangers.Length > 0 && result.CommandResult.Command.Action is null ? [] : errors.Select(OneLine),
            .. Misplaced(result),
        ];
    }

    private static string NoCommand(string name, ParseResult result) =>
        $"There is no command '{name}'.{DidYouMean.Hint(name, result.CommandResult.Command.Subcommands.Where(inner => !inner.Hidden).Select(inner => inner.Name))}";

    private static string NoOption(string name, ParseResult result) =>
        $"`{PathOf(result)}` has no option '{name}'.{DidYouMean.Hint(name, result.CommandResult.Command.Options.SelectMany(option => option.Aliases.Append(option.Name)))}";

    private static bool IsOption(string token) => token is ['-', _, ..];

    // The parser lists choices one per line.
    private static string OneLine(string message) => string.Join(' ', message.Split((char[])['\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries));

    // The parser takes an unknown option for a value where a value may be. After `--` every token is a value.
    private static IEnumerable<string> TakenForValues(ParseResult result) => result.Tokens.Any(token => token.Type == TokenType.DoubleDash)
        ? []
        : result.CommandResult.Children.SelectMany(given => given.Tokens)
            .Where(token => token.Type == TokenType.Argument && IsOption(token.Value))
            .Select(token => token.Value);

    // A root option that precedes a command that does not read it.
    private static IEnumerable<string> Misplaced(ParseResult result)
    {
        var command = result.CommandResult.Command;
        for (var outer = result.CommandResult.Parent; outer is CommandResult { Children: var children }; outer = outer.Parent)
        {
            foreach (var option in children.OfType<OptionResult>().Where(option => !option.Implicit && !option.Option.Recursive && !command.Options.Contains(option.Option)))
            {
                yield return $"`{PathOf(result)}` has no option '{option.Option.Name}'.";
            }
        }
    }
}
