using Sluice.Host.Cli.Output;

namespace Sluice.Host.Cli.Reports;

/// <summary>
/// Prints problems as workflow commands of GitHub Actions, which shows them beside the lines of a pull request
/// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
/// </summary>
internal static class GitHubAnnotations
{
    public static void Print(CheckResult result, Terminal terminal)
    {
        foreach (var problem in result.Problems)
        {
            terminal.Line($"::error {Properties(problem)}::{Data(problem.Message)}");
        }

        terminal.Line(result.Summary);
    }

    private static string Properties(FileProblem problem)
    {
        var place = problem.Problem.At is { } at ? $",line={at.Line},col={at.Column}" : "";
        return $"file={Property(FilePath.Relative(problem.File))}{place},title={Property(problem.Problem.Rule)}";
    }

    // A line end terminates the command; a comma or a colon terminates a property.
    private static string Data(string text) => text
        .Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) => Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
