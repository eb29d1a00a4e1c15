using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sluice.Host.Api;

namespace Sluice.Host.Cli;

/// <summary><c>sluice refusals</c>: the requests that a running host refused before any run.</summary>
internal static class RefusalsCommand
{
    public static Command Create() => new("refusals", "The requests that a running host refused.") { List() };

    private static Command List()
    {
        var url = AdminClient.UrlOption();
        var key = AdminClient.KeyOption();
        var workflow = new Option<string?>("--workflow") { Description = "Only those to this workflow" };
        var limit = new Option<int>("--limit") { Description = "How many at most", DefaultValueFactory = _ => 20 };
        var before = new Option<long?>("--before") { Description = "Only those older than this one" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("list", "List refused requests, newest first.") { workflow, limit, before, url, key, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var name = Uri.EscapeDataString(parsed.GetValue(workflow) ?? "");
            var query = string.Create(CultureInfo.InvariantCulture, $"api/refusals?workflow={name}&limit={parsed.GetValue(limit)}&before={parsed.GetValue(before)}");
            using var client = new AdminClient(parsed.GetValue(url)!, parsed.GetValue(key));
            var refusals = await client.GetAsync(query, ApiJson.Readable.IReadOnlyListRefusalView, cancellationToken);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(refusals, ApiJson.Readable.IReadOnlyListRefusalView));
            }
            else
            {
                Print(refusals);
            }

            return SluiceCommand.Done;
        });
        return command;
    }

    // One line each, wide or not: they are for reading, copying and searching.
    private static void Print(IReadOnlyList<RefusalView> refusals)
    {
        foreach (var refusal in refusals)
        {
            var count = refusal.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"{refusal.Count} times, last ");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{refusal.Id}  {count}{RunPrinter.Time(refusal.At)}  {refusal.Workflow}  {refusal.Path ?? "(several paths)"}  from {refusal.RemoteIp ?? "(unknown)"}  {refusal.Reason}: {refusal.Detail}"));
        }
    }
}
