using System.CommandLine;
using System.Text.Json;
using Sluice.Engine.Checking;
using Sluice.Engine.Definitions;
using Sluice.Engine.Expressions;
using Sluice.Host.Api;

namespace Sluice.Host.Cli;

/// <summary><c>sluice check FILE…</c>: says all that is wrong with workflows, in the form that editors and CI systems read.</summary>
internal static class CheckCommand
{
    public static Command Create(PlaceOptions places)
    {
        var files = new Argument<string[]>("FILE") { Description = "Workflow files, YAML or JSON", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("check", "Say all that is wrong with workflows: file, line, column, rule and cure.") { files, json, places.Plugins };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(files)!, parsed.GetValue(json), places.Overrides(parsed), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        string[] files, bool json, IReadOnlyList<KeyValuePair<string, string?>> overrides, CancellationToken cancellationToken)
    {
        await using var catalog = await LocalCatalog.LoadAsync(overrides, cancellationToken);
        var checker = new WorkflowChecker(catalog.Nodes, new ExpressionCompiler(TimeProvider.System));
        var found = new List<FileError>();
        foreach (var file in files)
        {
            found.AddRange(checker.CheckText(await ReadAsync(file, cancellationToken)).Problems.Select(problem => new FileError(file, problem)));
        }

        Print(found, files.Length, json);
        return found.Count == 0 ? SluiceCommand.Done : SluiceCommand.Wrong;
    }

    private static void Print(List<FileError> found, int files, bool json)
    {
        if (json)
        {
            var views = found.Select(error => new FileErrorView(error.File, error.Problem.Rule, error.Problem.Message, error.Problem.Step, error.Problem.Path, error.Problem.At?.Line, error.Problem.At?.Column));
            Console.WriteLine(JsonSerializer.Serialize([.. views], CliJson.Readable.IReadOnlyListFileErrorView));
            return;
        }

        foreach (var (file, problem) in found)
        {
            var place = problem.PlaceIn(file);
            var step = problem.Step is null ? "" : $" step {problem.Step}:";
            Console.WriteLine($"{place}: {problem.Rule}:{step} {problem.Message}");
        }

        Console.WriteLine(found.Count == 0 ? $"{files} checked, nothing wrong." : $"{files} checked, {found.Count} wrong.");
    }

    private static async Task<string> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(file, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{file} can't be read: {exception.Message}", exception);
        }
    }

    private sealed record FileError(string File, Problem Problem);
}
