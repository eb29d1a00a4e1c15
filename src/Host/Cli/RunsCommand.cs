using System.CommandLine;
using System.Text.Json;
using Sluice.Host.Api;

namespace Sluice.Host.Cli;

/// <summary><c>sluice runs</c>: looks at the runs of a running host, and ends or retries them.</summary>
internal static class RunsCommand
{
    private static readonly Option<string> Url = AdminClient.UrlOption();
    private static readonly Option<string?> Key = AdminClient.KeyOption();
    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON" };

    public static Command Create() => new("runs", "The runs of a running host.")
    {
        List(),
        Show(),
        Control("cancel", "End a run as cancelled, quarantined ones included."),
        Control("retry", "Go on with a failed, cancelled or quarantined run from the step it ended at."),
    };

    private static Command List()
    {
        var workflow = new Option<string?>("--workflow") { Description = "Only those of this workflow" };
        var status = new Option<string?>("--status") { Description = "Only those with this status" };
        var limit = new Option<int>("--limit") { Description = "How many at most", DefaultValueFactory = _ => 20 };
        var before = new Option<string?>("--before") { Description = "Only those older than this run" };
        var command = new Command("list", "List runs, newest first.") { workflow, status, limit, before, Url, Key, Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var query = $"api/runs?workflow={Escape(parsed.GetValue(workflow))}&status={Escape(parsed.GetValue(status))}&limit={parsed.GetValue(limit)}&before={Escape(parsed.GetValue(before))}";
            using var client = Client(parsed);
            var runs = await client.GetAsync(query, ApiJson.Readable.IReadOnlyListRunSummaryView, cancellationToken);
            if (parsed.GetValue(Json))
            {
                Console.WriteLine(JsonSerializer.Serialize(runs, ApiJson.Readable.IReadOnlyListRunSummaryView));
            }
            else
            {
                RunPrinter.PrintList(runs);
            }

            return SluiceCommand.Done;
        });
        return command;
    }

    private static Command Show()
    {
        var id = new Argument<string>("ID") { Description = "The run, as in the header Sluice-Run-Id" };
        var command = new Command("show", "Show one run with its steps.") { id, Url, Key, Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = Client(parsed);
            var run = await client.GetAsync($"api/runs/{Escape(parsed.GetValue(id))}", ApiJson.Readable.RunView, cancellationToken);
            if (parsed.GetValue(Json))
            {
                Console.WriteLine(JsonSerializer.Serialize(run, ApiJson.Readable.RunView));
            }
            else
            {
                RunPrinter.Print(run);
            }

            return SluiceCommand.Done;
        });
        return command;
    }

    private static Command Control(string name, string description)
    {
        var id = new Argument<string>("ID") { Description = "The run" };
        var command = new Command(name, description) { id, Url, Key };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = Client(parsed);
            var answer = await client.PostAsync($"api/runs/{Escape(parsed.GetValue(id))}/{name}", ApiJson.Readable.MessageView, cancellationToken);
            Console.WriteLine(answer.Message);
            return SluiceCommand.Done;
        });
        return command;
    }

    private static AdminClient Client(ParseResult parsed) => new(parsed.GetValue(Url)!, parsed.GetValue(Key));

    private static string Escape(string? text) => Uri.EscapeDataString(text ?? "");
}
