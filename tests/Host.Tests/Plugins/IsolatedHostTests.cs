using Sluice.Host.Configuration;

namespace Sluice.Host.Tests.Plugins;

/// <summary>A whole host whose operator has put one plugin into a process of its own.</summary>
public sealed class IsolatedHostTests
{
    private const string Answering = "  - { key: answer, type: webhook_response, config: { status: 200, body: { fine: true } } }";

    [Theory]
    [InlineData("fail_fast", "crashed")]
    [InlineData("overflow_stack", "crashed")]
    [InlineData("allocate_without_end", "crashed")]
    [InlineData("never_return", "timeout")]
    public async Task A_node_that_endangers_its_process_fails_its_own_step_and_every_other_flow_answers(string deed, string kind)
    {
        // A busy machine takes its time over a crash, too; only what never returns is waited for no longer than it must.
        var timeout = kind == "timeout" ? "1s" : "1m";
        using var folder = new TestFolder();
        await using var host = await StartAsync(folder);
        await host.PublishAsync("perilous", $"  - {{ key: peril, type: peril, config: {{ do: {deed} }}, timeout: {timeout} }}");
        await host.PublishAsync("peaceful", "  - { key: peril, type: peril, config: { do: nothing } }\n" + Answering);
        await host.PublishAsync("apart", Answering);

        var perilous = host.PostAsync("/hooks/perilous");
        Assert.Equal(200, (await host.PostAsync("/hooks/apart")).Status);
        var failed = await perilous;

        // Nothing in it replies, so the caller was told at once; the run says how it came out.
        Assert.Equal(202, failed.Status);
        var step = (await host.EndOfAsync(failed)).GetProperty("steps")[0];
        Assert.Equal("failed", step.GetProperty("status").GetString());
        Assert.Equal(kind, step.GetProperty("error").GetProperty("kind").GetString());
        Assert.Contains("process", step.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(200, (await host.PostAsync("/hooks/apart")).Status);
        Assert.Equal(200, (await host.PostAsync("/hooks/peaceful")).Status);
    }

    [Fact]
    public async Task The_api_shows_where_each_plugin_runs()
    {
        using var folder = new TestFolder();
        await using var host = await StartAsync(folder);

        var plugins = (await host.GetAsync("/api/plugins")).Json.EnumerateArray().ToDictionary(plugin => plugin.GetProperty("name").GetString()!);

        Assert.Equal("process", plugins["Perils"].GetProperty("isolation").GetString());
        Assert.NotEqual(Environment.ProcessId, plugins["Perils"].GetProperty("pid").GetInt32());
        Assert.Equal("context", plugins["Logic"].GetProperty("isolation").GetString());
    }

    [Theory]
    [InlineData("Plugins:Isolation:Perils", "container")]
    [InlineData("Plugins:DefaultIsolation", "none")]
    [InlineData("Plugins:ProcessMemoryMegabytes", "1")]
    public void A_value_that_means_nothing_is_an_error_of_the_configuration(string key, string value)
    {
        var exception = Assert.Throws<ConfigurationException>(() => HostConfiguration.ReadAlone([new(key, value)]));

        Assert.Contains($"{key} is", exception.Message, StringComparison.Ordinal);
    }

    private static Task<TestHost> StartAsync(TestFolder folder)
    {
        var plugins = Directory.CreateDirectory(Path.Combine(folder.Data, "..", "isolated-plugins")).FullName;
        TestFolder.Copy(Path.Combine(AppContext.BaseDirectory, "plugins", "Logic"), Path.Combine(plugins, "Logic"));
        TestFolder.Copy(Path.Combine(AppContext.BaseDirectory, "plugins", "Notifications"), Path.Combine(plugins, "Notifications"));
        TestFolder.Copy(Path.Combine(AppContext.BaseDirectory, "fixtures", "Perils"), Path.Combine(plugins, "Perils"));
        return TestHost.StartAsync(
            folder, ("Plugins:Directory", plugins), ("Plugins:Isolation:Perils", "process"), ("Plugins:ProcessMemoryMegabytes", "160"));
    }
}
