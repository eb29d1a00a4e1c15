using System.CommandLine;
using System.Globalization;
using Sluice.Host.Api;
using Sluice.Host.Cli.Output;

namespace Sluice.Host.Cli;

/// <summary><c>sluice refusals</c>: lists the requests that a running host rejected before a run started.</summary>
internal static class RejectionsCommand
{
    public static Command Create() => new("refusals", "List the requests that a running host rejected before a run started.") { List() };

    private static Command List()
    {
        var workflow = new Option<string?>("--workflow") { Description = "Only requests to this workflow", HelpName = "NAME" };
        var limit = NumberOption.Create("--limit", "Maximum number of entries", "N", standard: 20);
        var before = NumberOption.Create("--before", "Only entries older than this one", "ID");
        var json = JsonOption.Create();
        var command = new Command("list", "List rejected requests, newest first.") { workflow, limit, before };
        var host = new HostConnection().AddTo(command);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var name = Uri.EscapeDataString(parsed.GetValue(workflow) ?? "");
            var query = string.Create(CultureInfo.InvariantCulture, $"api/refusals?workflow={name}&limit={parsed.GetValue(limit)}&before={parsed.GetValue(before)}");
            using var client = host.Open(parsed);
            var refusals = await client.GetAsync(query, ApiJson.Readable.IReadOnlyListRejectionView, cancellationToken);
            if (parsed.GetValue(json))
            {
                JsonOption.Print(refusals, ApiJson.Readable.IReadOnlyListRejectionView);
            }
            else
            {
                Print(refusals, Terminal.Output());
            }

            return SluiceCommand.Done;
        });
        return command;
    }

    private static void Print(IReadOnlyList<RejectionView> refusals, Terminal terminal) => terminal.Table(
        ["id", "last", "count", "workflow", "path", "sender", "reason", "detail"],
        refusals.Select(refusal => (Cell[])
        [
            refusal.Id.ToString(CultureInfo.InvariantCulture), RunPrinter.Time(refusal.At), refusal.Count.ToString(CultureInfo.InvariantCulture), refusal.Workflow,
            refusal.Path ?? "(several)", refusal.RemoteIp ?? "(several)", new Cell(refusal.Reason, Style.Warning), refusal.Detail,
        ]));
}
