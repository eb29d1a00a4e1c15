using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Sluice.Engine.Checking;
using Sluice.Engine.Definitions;
using Sluice.Engine.Publishing;
using Sluice.Engine.Text;
using Sluice.Host.Configuration;

namespace Sluice.Host.Cli;

/// <summary><c>sluice check FILE… | DIR | -</c>: validates workflow files as one batch, in the form that editors and CI systems read.</summary>
internal static class CheckCommand
{
    private const string StandardInput = "-";
    private const string Ignore = "ignore";
    private const string Env = "env";

    public static Command Create(PlaceOptions places)
    {
        var files = new Argument<string[]>("FILE… | DIR | -") { Description = "Workflow files, YAML or JSON; directories of them; - for standard input", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var secrets = new Option<string>("--secrets")
        {
            Description = "ignore: any name of a secret is accepted; env: it must be set here, as SLUICE_SECRET_NAME or in the secrets folder",
            DefaultValueFactory = _ => Ignore,
        }.AcceptOnlyFromAmong(Ignore, Env);
        var command = new Command("check", "Validate workflow files: file, line, column, rule and cure.") { files, json, secrets, places.Plugins };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(files)!, parsed.GetValue(json), parsed.GetValue(secrets) == Env, places.Overrides(parsed), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        string[] given, bool json, bool needsSecrets, IReadOnlyList<KeyValuePair<string, string?>> overrides, CancellationToken cancellationToken)
    {
        var submissions = await ReadAsync(given, cancellationToken);
        var options = HostConfiguration.ReadAlone(overrides);
        var secrets = HostSecrets.Read(Environment.GetEnvironmentVariables(), options.Secrets.Directory);
        var batch = WorkflowBatch.Read(submissions);
        await using var catalog = await LocalCatalog.LoadAsync(overrides, batch.NodeTypes, cancellationToken);
        var checker = new WorkflowChecker(catalog.Nodes, needsSecrets ? () => secrets.Names : null);
        var verdicts = batch.Check(checker);
        FileError[] found = [.. verdicts.SelectMany((verdict, index) => verdict.Problems.Select(problem => new FileError(submissions[index].Source, problem)))];
        if (json)
        {
            PrintJson(found);
        }
        else
        {
            Print(found, submissions.Count, [.. verdicts.SelectMany(verdict => verdict.Secrets).Except(secrets.Names).Order(StringComparer.Ordinal)]);
        }

        return found.Length == 0 ? SluiceCommand.Done : SluiceCommand.Wrong;
    }

    private static void PrintJson(FileError[] found)
    {
        var views = found.Select(error => new FileErrorView(error.File, error.Problem.Rule, error.Problem.Message, error.Problem.Step, error.Problem.Path, error.Problem.At?.Line, error.Problem.At?.Column));
        Console.WriteLine(JsonSerializer.Serialize([.. views], CliJson.Readable.IReadOnlyListFileErrorView));
    }

    private static void Print(FileError[] found, int files, ImmutableArray<string> missing)
    {
        foreach (var (file, problem) in found)
        {
            var place = problem.PlaceIn(file);
            var step = problem.Step is null ? "" : $" step {problem.Step}:";
            Console.WriteLine($"{place}: {problem.Rule}:{step} {problem.Message}");
        }

        Console.WriteLine(found.Length == 0 ? $"{files} checked, nothing wrong." : $"{files} checked, {found.Length} wrong.");
        if (!missing.IsEmpty)
        {
            Console.WriteLine($"Secrets are not checked; not set here: {string.Join(", ", missing)}. A host without them refuses these workflows; `--secrets env` does too.");
        }
    }

    // In the order given; the files of a directory by name, as the host reads them.
    private static async Task<IReadOnlyList<Submission>> ReadAsync(string[] given, CancellationToken cancellationToken)
    {
        var submissions = new OrderedDictionary<string, Submission>(StringComparer.Ordinal);
        foreach (var name in given)
        {
            if (name == StandardInput)
            {
                submissions.TryAdd(name, WorkflowFile.Decode(await OneRun.ReadAsync(name, cancellationToken), name));
                continue;
            }

            foreach (var (file, submission) in FilesOf(name))
            {
                submissions.TryAdd(file, submission);
            }
        }

        return [.. submissions.Values];
    }

    private static (string File, Submission Submission)[] FilesOf(string name)
    {
        if (!Directory.Exists(name))
        {
            return File.Exists(name)
                ? [(Path.GetFullPath(name), WorkflowFile.ReadAny(new FileInfo(name), name))]
                : throw new CommandException($"{name} can't be read: no such file or directory.");
        }

        (string File, Submission Submission)[] files =
        [
            .. WorkflowFile.In(name)
                .OrderBy(file => file.FullName, StringComparer.Ordinal)
                .Select(file => (file.FullName, WorkflowFile.Read(file, Path.Combine(name, file.Name))))
                .Where(file => WorkflowFile.IsMeant(file.Item2)),
        ];
        return files.Length > 0 ? files : throw new CommandException($"{name} holds no workflow files: *.yaml, *.yml or *.json, sub-directories aside.");
    }

    private sealed record FileError(string File, Problem Problem);
}
