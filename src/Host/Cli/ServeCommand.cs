using System.CommandLine;
using Sluice.Engine.Publishing;
using Sluice.Host.Composition;
using Sluice.Host.Logging;

namespace Sluice.Host.Cli;

/// <summary><c>sluice serve</c>: runs the host until it is stopped.</summary>
internal static class ServeCommand
{
    private const int Shown = 10;

    public static Command Create(PlaceOptions places, StopSignals signals)
    {
        var command = new Command("serve", "Run the host. This is the default command.");
        places.AddAllTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(places.Overrides(parsed), signals, cancellationToken));
        return command;
    }

    public static async Task<int> RunAsync(IReadOnlyList<KeyValuePair<string, string?>> overrides, StopSignals signals, CancellationToken cancellationToken)
    {
        await using var server = await HostServer.StartAsync(overrides, cancellationToken, PluginConsole.Install());
        signals.LeaveTheBoundToTheHost();
        Welcome(server);
        await server.WaitForShutdownAsync(cancellationToken);
        return SluiceCommand.Done;
    }

    // The suggested command sends unsigned JSON.
    private static bool TakesAnyJson(WorkflowState webhook) =>
        webhook.Compiled?.Webhook is { Auth: null, AllowIps: null, Request: null, When: null } trigger
        && trigger.Body?.Takes("application/json") != false;

    // To standard output, not to the log: it is for the person who just started the host.
    private static void Welcome(HostServer server)
    {
        var address = server.Address;
        var webhooks = server.Services.GetRequiredService<WorkflowRegistry>().All().Where(state => state is { IsLive: true, Route: not null }).ToArray();
        Console.WriteLine($"Sluice listens on {address} with {webhooks.Length} {(webhooks.Length == 1 ? "webhook" : "webhooks")}.");
        Console.WriteLine($"The admin API listens on {server.AdminAddress}.");
        foreach (var webhook in webhooks.Take(Shown))
        {
            Console.WriteLine($"  {webhook.Stored.Name}: {string.Join(", ", webhook.Route!.Methods)} {address}{Webhooks.WebhookEndpoint.Prefix}{webhook.Route.Path}");
        }

        // Only among the listed ones: inspecting a workflow compiles it, and most of ten thousand are not needed yet.
        if (webhooks.Take(Shown).FirstOrDefault(TakesAnyJson) is { Route: { } first, Compiled: { } compiled })
        {
            Console.WriteLine("Try:");
            Console.WriteLine($"  curl -i -X {first.Methods[0]} {address}{Webhooks.WebhookEndpoint.Prefix}{first.Path} -H 'content-type: application/json' -d '{ExampleBody.Of(compiled)}'");
            Console.WriteLine($"  curl {server.AdminAddress}/api/runs");
        }
    }
}
