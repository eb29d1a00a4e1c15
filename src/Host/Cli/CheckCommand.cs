using System.CommandLine;
using Sluice.Engine.Checking;
using Sluice.Engine.Definitions;
using Sluice.Engine.Plugins;
using Sluice.Engine.Publishing;
using Sluice.Engine.Text;
using Sluice.Host.Cli.Output;
using Sluice.Host.Cli.Reports;
using Sluice.Host.Configuration;
using Sluice.Host.Webhooks.Authentication.Schemes;

namespace Sluice.Host.Cli;

/// <summary>
/// <c>sluice check FILE… | DIR | -</c>: validates workflow files as one batch, with output for people, editors or CI systems.
/// </summary>
internal static class CheckCommand
{
    private const string StandardInput = "-";
    private const string Ignore = "ignore";
    private const string Env = "env";

    public static Command Create(PlaceOptions places)
    {
        var files = new Argument<string[]>("FILE… | DIR | -")
        {
            Description = "Workflow files (YAML or JSON), directories of workflow files, or - for standard input",
            Arity = ArgumentArity.OneOrMore,
        };
        var format = new Option<string>("--format")
        {
            Description = "Output format: text for people, json, github for annotations in GitHub Actions, sarif for code scanning",
            DefaultValueFactory = _ => CheckReport.Text,
        }.AcceptOnlyFromAmong(CheckReport.Text, CheckReport.Json, CheckReport.GitHub, CheckReport.Sarif);
        var json = new Option<bool>("--json") { Description = "Same as --format json" };
        var secrets = new Option<string>("--secrets")
        {
            Description = $"{Ignore}: accept any secret name; {Env}: require SLUICE_SECRET_NAME or a file in the secrets folder",
            DefaultValueFactory = _ => Ignore,
        }.AcceptOnlyFromAmong(Ignore, Env);
        var command = new Command("check", "Validate workflow files.") { files, format, json, secrets, places.Plugins };
        command.Validators.Add(result =>
        {
            if (result.GetValue(json) && result.GetResult(format) is { Implicit: false } && result.GetValue(format) != CheckReport.Json)
            {
                result.AddError($"--json conflicts with --format {result.GetValue(format)}. Use one of them.");
            }
        });
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(files)!,
            parsed.GetValue(json) ? CheckReport.Json : parsed.GetValue(format)!,
            parsed.GetValue(secrets) == Env,
            places.Overrides(parsed),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        string[] given, string format, bool needsSecrets, IReadOnlyList<KeyValuePair<string, string?>> overrides, CancellationToken cancellationToken)
    {
        var submissions = await ReadAsync(given, cancellationToken);
        var options = HostConfiguration.ReadAlone(overrides);
        var secrets = HostSecrets.Read(Environment.GetEnvironmentVariables(), options.Secrets.Directory);
        var batch = WorkflowBatch.Read(submissions);
        await using var catalog = await LocalCatalog.LoadAsync(overrides, batch.NodeTypes, cancellationToken);
        WarnOfRejected(catalog);
        var checker = new WorkflowChecker(catalog.Nodes, needsSecrets ? () => secrets.Names : null, SchemeList.All);
        var verdicts = batch.Check(checker);
        var result = new CheckResult(
            submissions.Count,
            [.. verdicts.SelectMany((verdict, index) => verdict.Problems.Select(problem => new FileProblem(submissions[index].Source, problem)))],
            [.. verdicts.SelectMany(verdict => verdict.Secrets).Except(secrets.Names).Order(StringComparer.Ordinal)]);
        CheckReport.Print(result, format, Terminal.Output());
        return result.Problems.IsEmpty ? SluiceCommand.Done : SluiceCommand.Wrong;
    }

    // Explains why the nodes of an installed plugin are unknown.
    private static void WarnOfRejected(LocalCatalog catalog)
    {
        var terminal = Terminal.Error();
        foreach (var plugin in catalog.Plugins.Plugins.Where(plugin => plugin.State == PluginState.Rejected))
        {
            terminal.Line(Terminal.CleanLine($"The plugin in {plugin.Folder} is rejected, so its nodes are unknown: {plugin.Reason}"));
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
                : throw new CommandException($"{name} does not exist. Name a workflow file, a directory of workflow files, or - for standard input.");
        }

        (string File, Submission Submission)[] files =
        [
            .. WorkflowFile.In(name)
                .OrderBy(file => file.FullName, StringComparer.Ordinal)
                .Select(file => (file.FullName, WorkflowFile.Read(file, Path.Combine(name, file.Name))))
                .Where(file => WorkflowFile.IsMeant(file.Item2)),
        ];
        return files.Length > 0 ? files : throw new CommandException($"{name} contains no workflow files (*.yaml, *.yml, *.json). Subdirectories are not searched.");
    }
}
