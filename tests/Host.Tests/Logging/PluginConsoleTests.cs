using System.Diagnostics;
using System.Text.RegularExpressions;
using Sluice.Host.Tests.Cli;

namespace Sluice.Host.Tests.Logging;

/// <summary>What a plugin writes to the console of a host.</summary>
public sealed class PluginConsoleTests
{
    private const string Workflow = """
        name: write
        trigger: { type: webhook, config: { path: /write, methods: [POST] } }
        steps:
          - { key: write, type: peril, config: { do: write } }
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("context")]
    [InlineData("process")]
    public async Task It_goes_to_the_log_under_the_plugin_s_name_and_the_host_s_own_words_do_not(string isolation)
    {
        using var folder = new TestFolder();
        var plugins = Path.Combine(folder.Data, "..", "plugins");
        TestFolder.Copy(Path.Combine(AppContext.BaseDirectory, "fixtures", "Perils"), Path.Combine(plugins, "Dangers"));
        await File.WriteAllTextAsync(Path.Combine(folder.Workflows, "write.yaml"), Workflow, Token);
        var start = new ProcessStartInfo(
            "dotnet",
            [SluiceProgram.Program, "serve", "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0", "--plugins", plugins, "--workflows", folder.Workflows, "--data", folder.Data])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["SLUICE__PLUGINS__ISOLATION__DANGERS"] = isolation;
        using var host = Process.Start(start)!;
        try
        {
            var address = (await LineAsync(host, "^Sluice listens on (http://[0-9.:]+)")).Groups[1].Value;
            // The host publishes its workflows' folder before it says so.
            using var http = new HttpClient();
            using var answer = await http.PostAsync(new Uri($"{address}/hooks/write"), new StringContent("{}", null, "application/json"), Token);
            Assert.True(answer.IsSuccessStatusCode, answer.StatusCode.ToString());

            await LineAsync(host, "^[0-9:.]+ INF Plugin Dangers\\S* wrote: written (out|to the error output)$");
            await LineAsync(host, "^[0-9:.]+ INF Plugin Dangers\\S* wrote: written (out|to the error output)$");
        }
        finally
        {
            host.Kill(entireProcessTree: true);
            await host.WaitForExitAsync(Token);
        }
    }

    private static async Task<Match> LineAsync(Process host, string pattern)
    {
        while (await host.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(TestHost.Patience, Token) is { } line)
        {
            if (Regex.Match(line, pattern) is { Success: true } match)
            {
                return match;
            }
        }

        throw new InvalidOperationException($"The host ended before it wrote a line like {pattern}.");
    }
}
