using System.Collections.Immutable;
using Sluice.Engine.Text;

namespace Sluice.Host.Cli.Reports;

/// <summary>The result of <c>sluice check</c>.</summary>
/// <param name="Files">The number of checked files.</param>
/// <param name="Problems">All problems, in the order of the files.</param>
/// <param name="MissingSecrets">The names of secrets that workflows read but that are not set here.</param>
internal sealed record CheckResult(int Files, ImmutableArray<FileProblem> Problems, ImmutableArray<string> MissingSecrets)
{
    /// <summary>The summary line for people.</summary>
    public string Summary => $"{Count(Files, "workflow")} checked, {(Problems.IsEmpty ? "no problems" : Count(Problems.Length, "problem"))}.";

    private static string Count(int number, string thing) => number == 1 ? $"1 {thing}" : $"{number} {thing}s";
}

/// <summary>One problem with a workflow file.</summary>
/// <param name="File">The file as it was given; <c>-</c> for standard input.</param>
/// <param name="Problem">The problem.</param>
internal sealed record FileProblem(string File, Problem Problem)
{
    /// <summary>The message, prefixed by the step.</summary>
    public string Message => Problem.Step is { } step ? $"step {step}: {Problem.Message}" : Problem.Message;
}
