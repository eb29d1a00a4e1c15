using System.IO.Compression;
using System.Text.Json;
using static Sluice.Host.Tests.Cli.SluiceProgram;

namespace Sluice.Host.Tests.Plugins;

/// <summary>A plugin with libraries that the host could not unload: it runs in a process of its own.</summary>
public sealed class ProcessOnlyTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("sluice-process-only-");

    private static string Payments => Path.Combine(AppContext.BaseDirectory, "fixtures", "Payments");

    private string Plugins => Path.Combine(_root.FullName, "plugins");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task A_host_runs_it_in_a_process_without_being_told_and_says_why()
    {
        using var folder = new TestFolder();
        await using var host = await StartAsync(folder);
        await host.PublishAsync(
            "pay",
            """
              - { key: charge, type: charge, config: { amount: 42 } }
              - { key: answer, type: webhook_response, config: { status: 200, body: "{{ charge.output }}" } }
            """);

        var answer = await host.PostAsync("/hooks/pay");

        Assert.Equal((200, """{"amount":42,"attempts":3}"""), (answer.Status, answer.Body));
        var plugin = (await host.GetAsync("/api/plugins")).Json.EnumerateArray().Single(plugin => plugin.GetProperty("name").GetString() == "Payments");
        Assert.Equal("process", plugin.GetProperty("isolation").GetString());
        Assert.Equal(["process"], plugin.GetProperty("isolations").EnumerateArray().Select(one => one.GetString()));
        Assert.Contains("Newtonsoft.Json", plugin.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_who_wants_it_in_the_host_is_told_what_is_in_the_way()
    {
        using var folder = new TestFolder();
        await using var host = await StartAsync(folder, ("Plugins:Isolation:Payments", "context"));

        var plugin = (await host.GetAsync("/api/plugins")).Json.EnumerateArray().Single(plugin => plugin.GetProperty("name").GetString() == "Payments");

        Assert.Equal("rejected", plugin.GetProperty("state").GetString());
        Assert.Contains("Polly.Core.dll", plugin.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains("Plugins:Isolation:Payments", plugin.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adding_it_says_that_it_runs_in_a_process()
    {
        var zip = Path.Combine(_root.FullName, "payments.zip");
        ZipFile.CreateFromDirectory(Payments, zip);

        var add = await RunAsync("plugins", "add", zip, "--name", "Payments", "--plugins", Plugins);
        var again = await RunAsync("plugins", "add", zip, "--name", "Payments", "--plugins", Plugins, "--json");

        Assert.Equal((0, ""), (add.Exit, add.Error));
        Assert.Contains("The plugin runs in its own process (isolation: process)", add.Output, StringComparison.Ordinal);
        Assert.Equal(["process"], JsonElement.Parse(again.Output).GetProperty("isolations").EnumerateArray().Select(one => one.GetString()));
    }

    [Fact]
    public async Task Verifying_a_folder_says_where_it_can_run()
    {
        var payments = await RunAsync("plugins", "verify", Payments);
        var logic = await RunAsync("plugins", "verify", Path.Combine(AppContext.BaseDirectory, "plugins", "Logic"));

        Assert.Equal((0, 0), (payments.Exit, logic.Exit));
        Assert.Contains("Payments: can run with isolation process.", payments.Output, StringComparison.Ordinal);
        Assert.Contains("Logic: can run with isolation context or process.", logic.Output, StringComparison.Ordinal);
    }

    private Task<TestHost> StartAsync(TestFolder folder, params (string Key, string? Value)[] settings)
    {
        TestFolder.Copy(Path.Combine(AppContext.BaseDirectory, "plugins", "Notifications"), Path.Combine(Plugins, "Notifications"));
        TestFolder.Copy(Payments, Path.Combine(Plugins, "Payments"));
        return TestHost.StartAsync(folder, [("Plugins:Directory", Plugins), .. settings]);
    }
}
