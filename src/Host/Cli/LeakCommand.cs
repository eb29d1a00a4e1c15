using System.CommandLine;
using System.Text.Json;
using Sluice.Host.Api;

namespace Sluice.Host.Cli;

/// <summary><c>sluice plugins leak NAME</c>: what holds an unloaded version of a plugin in the memory of a running host.</summary>
internal static class LeakCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The plugin" };
        var url = AdminClient.UrlOption();
        var key = AdminClient.KeyOption();
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("leak", "Say what holds an unloaded version of a plugin in memory; the host stands still for a moment.") { name, url, key, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = new AdminClient(parsed.GetValue(url)!, parsed.GetValue(key));
            var path = $"api/plugins/{Uri.EscapeDataString(parsed.GetValue(name)!)}/leak";
            var leaks = await client.GetAsync(path, ApiJson.Readable.IReadOnlyListLeakView, cancellationToken);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(leaks, ApiJson.Readable.IReadOnlyListLeakView));
            }
            else
            {
                Print(leaks);
            }

            return SluiceCommand.Done;
        });
        return command;
    }

    private static void Print(IReadOnlyList<LeakView> leaks)
    {
        foreach (var leak in leaks)
        {
            Console.WriteLine($"{leak.Plugin} {leak.Version} ({leak.Hash[..12]})");
            if (leak.Paths.Count == 0)
            {
                Console.WriteLine("  Nothing that the runtime tells of holds it.");
            }

            foreach (var path in leak.Paths)
            {
                Console.WriteLine($"  {string.Join("\n    -> ", path)}");
            }
        }
    }
}
