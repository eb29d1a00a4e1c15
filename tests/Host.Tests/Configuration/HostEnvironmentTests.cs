using Sluice.Host.Cli;
using Sluice.Host.Configuration;
using Sluice.Host.Tests.Cli;

namespace Sluice.Host.Tests.Configuration;

/// <summary>What a plugin's code finds of the environment that its host was started with.</summary>
[Collection(nameof(ProcessEnvironment))]
public sealed class HostEnvironmentTests : IDisposable
{
    private const string Workflow = """
        name: look
        trigger: { type: webhook, config: { path: /look, methods: [POST] } }
        steps:
          - { key: look, type: peril, config: { do: environment } }
          - { key: answer, type: webhook_response, config: { status: 200, body: "{{ look.output.text }}" } }
        """;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("sluice-environment-");

    public void Dispose() => _root.Delete(recursive: true);

    [Theory]
    [InlineData("context")]
    [InlineData("process")]
    public async Task A_plugin_finds_neither_the_host_s_secrets_nor_its_keys(string isolation)
    {
        var found = await LookAsync(("SLUICE__PLUGINS__ISOLATION__PERILS", isolation), ("SLUICE__ADMIN__APIKEY", "key-of-the-admin-routes"));

        // Both blocks were looked at: the managed copy and the one that the process was started with.
        Assert.Contains(found, line => line.StartsWith("managed PATH=", StringComparison.Ordinal));
        Assert.True(!OperatingSystem.IsLinux() || found.Any(line => line.StartsWith("native PATH=", StringComparison.Ordinal)));
        Assert.DoesNotContain(found, line => line.StartsWith("managed SLUICE_", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(found, line => line.Contains("whsec_example", StringComparison.Ordinal) || line.Contains("key-of-the-admin-routes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_process_gets_no_variable_that_it_does_not_need_unless_the_operator_names_it()
    {
        var found = await LookAsync(
            ("SLUICE__PLUGINS__ISOLATION__PERILS", "process"), ("SLUICE__PLUGINS__PROCESSENVIRONMENT__0", "ACME_REGION"),
            ("ACME_REGION", "north"), ("ACME_TOKEN", "a token of the operator"));

        Assert.Contains("managed ACME_REGION=north", found);
        Assert.DoesNotContain(found, line => line.Contains("ACME_TOKEN", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_command_that_only_loads_plugins_clears_the_environment_too()
    {
        Environment.SetEnvironmentVariable("SLUICE_SECRET_HIDDEN", "hidden");

        await using var catalog = await LocalCatalog.LoadOneAsync(
            new DirectoryInfo(Path.Combine(AppContext.BaseDirectory, "fixtures", "Perils")), new PluginOptions(), TestContext.Current.CancellationToken);

        Assert.Null(Environment.GetEnvironmentVariable("SLUICE_SECRET_HIDDEN"));
    }

    [Fact]
    public void The_host_s_own_variables_can_not_be_passed_on()
    {
        var wrong = Assert.Throws<Host.Configuration.ConfigurationException>(
            () => Host.Configuration.HostConfiguration.ReadAlone([new("Plugins:ProcessEnvironment:0", "SLUICE_SECRET_TOKEN")]));

        Assert.Contains("Plugins:ProcessEnvironment", wrong.Message, StringComparison.Ordinal);
    }

    private async Task<string[]> LookAsync(params (string Name, string Value)[] environment)
    {
        var token = TestContext.Current.CancellationToken;
        var plugins = Path.Combine(_root.FullName, "plugins");
        TestFolder.Copy(Path.Combine(AppContext.BaseDirectory, "plugins", "Notifications"), Path.Combine(plugins, "Notifications"));
        TestFolder.Copy(Path.Combine(AppContext.BaseDirectory, "fixtures", "Perils"), Path.Combine(plugins, "Perils"));
        var workflow = Path.Combine(_root.FullName, "look.yaml");
        await File.WriteAllTextAsync(workflow, Workflow, token);

        var (exit, output, error) = await SluiceProgram.RunAsync("{}", ["run", workflow, "--request", "-", "--plugins", plugins], environment);

        Assert.True(exit == 0, output + error);
        // The node gives it backwards, so that no mask hides what it found.
        return string.Concat(output[(output.IndexOf("\n\n", StringComparison.Ordinal) + 2)..].Trim().Reverse()).Split('\n');
    }
}
