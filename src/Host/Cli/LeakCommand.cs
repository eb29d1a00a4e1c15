using System.CommandLine;
using Sluice.Host.Api;
using Sluice.Host.Cli.Output;

namespace Sluice.Host.Cli;

/// <summary><c>sluice plugins leak NAME</c>: what keeps an unloaded version of a plugin in the memory of a running host.</summary>
internal static class LeakCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "Plugin name" };
        var json = JsonOption.Create();
        var command = new Command("leak", "Find what keeps an unloaded version of a plugin in the memory of a running host. The host pauses for the search.") { name };
        var host = new HostConnection().AddTo(command);
        command.Add(json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = host.Open(parsed);
            var path = $"api/plugins/{Uri.EscapeDataString(parsed.GetValue(name)!)}/leak";
            var leaks = await client.GetAsync(path, ApiJson.Readable.IReadOnlyListLeakView, cancellationToken);
            if (parsed.GetValue(json))
            {
                JsonOption.Print(leaks, ApiJson.Readable.IReadOnlyListLeakView);
            }
            else
            {
                Print(leaks, Terminal.Output());
            }

            return SluiceCommand.Done;
        });
        return command;
    }

    private static void Print(IReadOnlyList<LeakView> leaks, Terminal terminal)
    {
        foreach (var leak in leaks)
        {
            terminal.Line($"{terminal.Paint(Terminal.CleanLine($"{leak.Plugin} {leak.Version}"), Style.Strong)} ({leak.Hash[..12]})");
            if (leak.Paths.Count == 0)
            {
                terminal.Line("  The runtime reports nothing that refers to it.");
            }

            foreach (var path in leak.Paths)
            {
                terminal.Line($"  {string.Join("\n    -> ", path.Select(Terminal.CleanLine))}");
            }
        }
    }
}
