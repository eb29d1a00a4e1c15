using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Engine.Plugins;

namespace Sluice.Host.Tests.Plugins;

/// <summary>A plugin in the host that brings Microsoft.Data.Sqlite, whose timer and process events would hold it in memory.</summary>
public sealed class SqlitePluginTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("sluice-sqlite-plugin-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task It_leaves_memory_at_each_swap_and_finds_its_database_again()
    {
        for (var round = 1; round <= 3; round++)
        {
            var time = new FakeTimeProvider();
            await using var plugins = new PluginHost(Path.Combine(_root.FullName, $"shadows-{round}"), NullLogger.Instance, time: time);
            await plugins.ApplyAsync([Path.Combine(AppContext.BaseDirectory, "fixtures", "Ledger")], [], Token);

            Assert.Equal(round * 7, await PostAsync(plugins));
            await Unloaded.ByAsync(plugins, "Ledger", time, Token);

            Assert.Equal(PluginState.Unloaded, Assert.Single(plugins.Plugins).State);
        }
    }

    private async Task<long> PostAsync(PluginHost plugins)
    {
        var node = plugins.Catalog.Find("ledger_post") ?? throw new InvalidOperationException(plugins.Plugins[0].Reason);
        var config = JsonSerializer.Serialize(new { file = Path.Combine(_root.FullName, "ledger.db"), amount = 7 });
        return ProcessSandbox.OutputOf(await node.RunAsync(Encoding.UTF8.GetBytes(config), ProcessSandbox.Context(), Token)).GetProperty("sum").GetInt64();
    }
}
