using Sluice.Host.Cli.Output;

namespace Sluice.Host.Cli.Reports;

/// <summary>Prints the result of <c>sluice check</c> in the requested format.</summary>
internal static class CheckReport
{
    public const string Text = "text";
    public const string Json = "json";
    public const string GitHub = "github";
    public const string Sarif = "sarif";

    public static void Print(CheckResult result, string format, Terminal terminal)
    {
        switch (format)
        {
            case Json:
                PrintJson(result);
                break;
            case GitHub:
                GitHubAnnotations.Print(result, terminal);
                break;
            case Sarif:
                SarifLog.Write(result, Console.OpenStandardOutput());
                terminal.Line();
                break;
            default:
                PrintText(result, terminal);
                break;
        }
    }

    private static void PrintText(CheckResult result, Terminal terminal)
    {
        foreach (var problem in result.Problems)
        {
            var place = terminal.Paint(Terminal.CleanLine(problem.Problem.PlaceIn(problem.File)), Style.Strong);
            terminal.Line($"{place}: {terminal.Paint(problem.Problem.Rule, Style.Bad)}: {Terminal.CleanLine(problem.Message)}");
        }

        terminal.Line(terminal.Paint(result.Summary, result.Problems.IsEmpty ? Style.Good : Style.Bad));
        if (!result.MissingSecrets.IsEmpty)
        {
            terminal.Line(
                $"Secrets that are not set here: {string.Join(", ", result.MissingSecrets)}. A host without them rejects these workflows; "
                + "use --secrets env to check them too.");
        }
    }

    private static void PrintJson(CheckResult result) => JsonOption.Print<IReadOnlyList<FileErrorView>>(
        [.. result.Problems.Select(found => new FileErrorView(
            found.File, found.Problem.Rule, found.Problem.Message, found.Problem.Step, found.Problem.Path, found.Problem.At?.Line, found.Problem.At?.Column))],
        CliJson.Readable.IReadOnlyListFileErrorView);
}
