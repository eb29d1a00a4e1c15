using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Plugins;
using Sluice.Host.Leaks;

namespace Sluice.Host.Tests.Leaks;

public sealed class LeakFinderTests
{
    [Fact]
    public async Task What_holds_a_plugin_is_told_as_a_way_from_a_root_with_the_fields_on_it()
    {
        var token = TestContext.Current.CancellationToken;
        var shadows = Directory.CreateTempSubdirectory("sluice-leak-");
        try
        {
            await using var plugins = new PluginHost(shadows.FullName, NullLogger.Instance);
            await plugins.ApplyAsync([Path.Combine(AppContext.BaseDirectory, "fixtures", "Weather1.0.0")], [], token);

            // Active: its own handle holds it.
            var paths = LeakFinder.Find(Assert.Single(plugins.Plugins).Hash!, token);

            Assert.NotEmpty(paths);
            Assert.All(paths, path => Assert.StartsWith("root: ", path[0], StringComparison.Ordinal));
            Assert.Contains(paths, path => path.Any(line => line.Contains("Weather.", StringComparison.Ordinal) || line.Contains("System.Reflection", StringComparison.Ordinal)));
            Assert.Empty(LeakFinder.Find(new string('0', 64), token));
            GC.KeepAlive(plugins);
        }
        catch (LeakSearchException impossible)
        {
            Assert.Skip(impossible.Message);
        }
        finally
        {
            shadows.Delete(recursive: true);
        }
    }

    // Where it broke, it ended this process: the runtime's reader of dumps has something called at the end of each thread that it ran on.
    [Fact]
    public void A_thread_that_looked_for_a_leak_can_end()
    {
        var token = TestContext.Current.CancellationToken;
        Exception? failure = null;
        var looking = new Thread(() => failure = Record.Exception(() => LeakFinder.Find(new string('0', 64), token)));

        looking.Start();
        looking.Join();

        Assert.SkipWhen(failure is LeakSearchException, failure?.Message ?? "");
        Assert.Null(failure);
    }
}
