using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Host.Tests.Cli;

namespace Sluice.Host.Tests.Plugins;

/// <summary>A host that is killed leaves no plugin's process behind.</summary>
public sealed class OrphanTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_process_ends_by_itself_where_its_host_is_killed()
    {
        using var folder = new TestFolder();
        var start = new ProcessStartInfo("dotnet",
        [
            SluiceProgram.Program, "serve", "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0", "--plugins", Path.Combine(AppContext.BaseDirectory, "fixtures"),
            "--workflows", folder.Workflows, "--data", folder.Data,
        ])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["SLUICE__PLUGINS__ISOLATION__PERILS"] = "process";
        using var host = Process.Start(start)!;
        try
        {
            using var child = Process.GetProcessById(await PidOfChildAsync(await AddressAsync(host)));

            host.Kill();

            await child.WaitForExitAsync(Token).WaitAsync(TestHost.Patience, Token);
        }
        finally
        {
            host.Kill();
            await host.WaitForExitAsync(Token);
        }
    }

    private static async Task<string> AddressAsync(Process host)
    {
        while (await host.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(TestHost.Patience, Token) is { } line)
        {
            if (Regex.Match(line, "^The admin API listens on (http://[0-9.:]+[0-9])") is { Success: true } address)
            {
                return address.Groups[1].Value;
            }
        }

        throw new InvalidOperationException("The host ended before it listened.");
    }

    private static async Task<int> PidOfChildAsync(string address)
    {
        using var http = new HttpClient();
        var plugins = JsonElement.Parse(await http.GetStringAsync(new Uri($"{address}/api/plugins"), Token));
        return plugins.EnumerateArray().Single(plugin => plugin.GetProperty("name").GetString() == "Perils").GetProperty("pid").GetInt32();
    }
}
