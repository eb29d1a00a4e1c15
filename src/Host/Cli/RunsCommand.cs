using System.CommandLine;
using System.Globalization;
using System.Net.Mime;
using System.Text;
using Sluice.Host.Api;
using Sluice.Host.Cli.Output;

namespace Sluice.Host.Cli;

/// <summary><c>sluice runs</c>: lists and shows the runs of a running host, and cancels or retries them.</summary>
internal static class RunsCommand
{
    public static Command Create() => new("runs", "List, show, cancel and retry the runs of a running host.")
    {
        List(),
        Show(),
        Output(),
        Control("cancel", "Cancel a run, whether it is queued, running, suspended or quarantined."),
        Control("retry", "Continue a failed, cancelled or quarantined run from the step at which it ended."),
    };

    private static Command List()
    {
        var workflow = new Option<string?>("--workflow") { Description = "Only runs of this workflow", HelpName = "NAME" };
        var status = new Option<string?>("--status") { Description = "Only runs with this status", HelpName = "STATUS" };
        status.CompletionSources.Add("queued", "running", "suspended", "quarantined", "succeeded", "failed", "cancelled");
        var limit = NumberOption.Create("--limit", "Maximum number of runs", "N", standard: 20);
        var before = new Option<string?>("--before") { Description = "Only runs older than this one", HelpName = "ID" };
        var json = JsonOption.Create();
        var command = new Command("list", "List runs, newest first.") { workflow, status, limit, before };
        var host = new HostConnection().AddTo(command);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var query = string.Create(
                CultureInfo.InvariantCulture,
                $"api/runs?workflow={Escape(parsed.GetValue(workflow))}&status={Escape(parsed.GetValue(status))}&limit={parsed.GetValue(limit)}&before={Escape(parsed.GetValue(before))}");
            using var client = host.Open(parsed);
            var runs = await client.GetAsync(query, ApiJson.Readable.IReadOnlyListRunSummaryView, cancellationToken);
            if (parsed.GetValue(json))
            {
                JsonOption.Print(runs, ApiJson.Readable.IReadOnlyListRunSummaryView);
            }
            else
            {
                new RunPrinter(Terminal.Output()).PrintList(runs);
            }

            return SluiceCommand.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var id = new Argument<string>("ID") { Description = "Run ID, as in the response header Sluice-Run-Id" };
        var json = JsonOption.Create();
        var command = new Command("show", "Show a run: status, times, reply, error and steps.") { id };
        var host = new HostConnection().AddTo(command);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = host.Open(parsed);
            var run = await client.GetAsync($"api/runs/{Escape(parsed.GetValue(id))}", ApiJson.Readable.RunView, cancellationToken);
            if (parsed.GetValue(json))
            {
                JsonOption.Print(run, ApiJson.Readable.RunView);
            }
            else
            {
                new RunPrinter(Terminal.Output()).Print(run);
            }

            return SluiceCommand.Done;
        });
        return command;
    }

    private static Command Output()
    {
        var id = new Argument<string>("ID") { Description = "Run ID" };
        var step = new Argument<string>("STEP") { Description = "Step, as `sluice runs show` prints it" };
        var command = new Command("output", "Print the output of a step as JSON, whatever its size.") { id, step };
        var host = new HostConnection().AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = host.Open(parsed);
            var path = $"api/runs/{Escape(parsed.GetValue(id))}/outputs/{Escape(parsed.GetValue(step))}";
            var json = await client.GetBytesAsync(path, MediaTypeNames.Application.Json, cancellationToken);
            var terminal = Terminal.Output();
            if (terminal.Width is not null)
            {
                terminal.Line(Terminal.Clean(Encoding.UTF8.GetString(json)));
                return SluiceCommand.Done;
            }

            // A file or a pipe gets the stored bytes unchanged.
            await using var output = Console.OpenStandardOutput();
            await output.WriteAsync(json, cancellationToken);
            return SluiceCommand.Done;
        });
        return command;
    }

    private static Command Control(string name, string description)
    {
        var id = new Argument<string>("ID") { Description = "Run ID" };
        var json = JsonOption.Create();
        var command = new Command(name, description) { id };
        var host = new HostConnection().AddTo(command);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = host.Open(parsed);
            var answer = await client.PostAsync($"api/runs/{Escape(parsed.GetValue(id))}/{name}", ApiJson.Readable.MessageView, cancellationToken);
            if (parsed.GetValue(json))
            {
                JsonOption.Print(answer, ApiJson.Readable.MessageView);
            }
            else
            {
                Terminal.Output().Line(Terminal.CleanLine(answer.Message));
            }

            return SluiceCommand.Done;
        });
        return command;
    }

    private static string Escape(string? text) => Uri.EscapeDataString(text ?? "");
}
