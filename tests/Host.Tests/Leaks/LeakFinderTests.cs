using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Engine.Plugins;
using Sluice.Host.Leaks;
using Sluice.Host.Tests.Plugins;

namespace Sluice.Host.Tests.Leaks;

public sealed class LeakFinderTests : IDisposable
{
    private readonly DirectoryInfo _shadows = Directory.CreateTempSubdirectory("sluice-leak-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _shadows.Delete(recursive: true);

    [Theory]
    [InlineData("timer", "root: timer", "System.Threading.TimerQueueTimer._timerCallback", "Leaky.Leak")]
    [InlineData("delay", "root: timer", "System.Threading.Tasks.Task+DelayPromise.m_continuationObject", "Leaky.Leak+<WaitAsync>")]
    [InlineData("thread", "root: thread ", " (leaky loop), which runs Leaky.Leak.Loop", "Leaky.Leak.Loop")]
    [InlineData("event", "root: static field System.Diagnostics.Activity.CurrentChanged", "System.EventHandler<System.Diagnostics.ActivityChangedEventArgs>._target", "Leaky.Leak")]
    [InlineData("process_event", "root: static field System.AppDomain.", "System.AppDomain.ProcessExit", "Leaky.Leak")]
    [InlineData("context_event", "root: ", "AssemblyLoadContext._unloading", "Leaky.Leak")]
    public async Task The_root_that_holds_an_unloaded_plugin_is_named(string means, string root, string on, string to)
    {
        await LeakAsync(means);

        var ways = Find(_shadows.FullName);

        var way = Assert.Single(ways, way => way.Any(line => line.Contains(on, StringComparison.Ordinal)));
        Assert.StartsWith(root, way[0], StringComparison.Ordinal);
        Assert.Contains(to, way[^1], StringComparison.Ordinal);
        // A kind of handle that is only a number is one that holds nothing: each plugin in memory has such.
        Assert.All(ways, other => Assert.DoesNotMatch("^root: [0-9]", other[0]));
    }

    [Fact]
    public void What_is_not_in_memory_is_held_by_nothing() => Assert.Empty(Find(new string('0', 64)));

    // Where it broke, it ended this process: the runtime's reader of dumps has something called at the end of each thread that it ran on.
    [Fact]
    public void A_thread_that_looked_for_a_leak_can_end()
    {
        var token = Token;
        Exception? failure = null;
        var looking = new Thread(() => failure = Record.Exception(() => LeakFinder.Find(new string('0', 64), token)));

        looking.Start();
        looking.Join();

        Assert.SkipWhen(failure is LeakSearchException, failure?.Message ?? "");
        Assert.Null(failure);
    }

    private static ImmutableArray<ImmutableArray<string>> Find(string path)
    {
        try
        {
            return LeakFinder.Find(path, Token);
        }
        catch (LeakSearchException impossible)
        {
            Assert.Skip(impossible.Message);
            throw;
        }
    }

    private async Task LeakAsync(string means)
    {
        var time = new FakeTimeProvider();
        await using var plugins = new PluginHost(_shadows.FullName, NullLogger.Instance, time: time);
        await plugins.ApplyAsync([Path.Combine(AppContext.BaseDirectory, "fixtures", "Leaky")], [], Token);
        await plugins.Catalog.Find("leak")!.RunAsync(Encoding.UTF8.GetBytes($$"""{"by":"{{means}}"}"""), ProcessSandbox.Context(), Token);

        await Unloaded.ByAsync(plugins, "Leaky", time, Token);

        Assert.Equal(PluginState.Leaking, Assert.Single(plugins.Plugins).State);
    }
}
