using Sluice.Engine.Plugins;
using Sluice.Engine.Plugins.Locking;
using Sluice.Engine.Tests.Plugins.Packages;

namespace Sluice.Engine.Tests.Plugins.Locking;

public sealed class PluginLockTests : IDisposable
{
    private readonly PackageBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task What_is_locked_is_loaded_and_what_was_changed_or_copied_by_hand_is_rejected()
    {
        _bench.PackSample("1.0.0");
        await _bench.AddAsync("Sample", "Locked");
        await _bench.AddAsync("Sample", "Tampered");
        var tampered = Path.Combine(_bench.Plugins, "Tampered");
        await File.WriteAllTextAsync(Path.Combine(tampered, "extra.txt"), "", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Path.Combine(_bench.Plugins, "Unknown"));
        File.Copy(Path.Combine(tampered, "Sample.dll"), Path.Combine(_bench.Plugins, "Unknown", "Sample.dll"));
        File.Copy(Path.Combine(tampered, "Sample.deps.json"), Path.Combine(_bench.Plugins, "Unknown", "Sample.deps.json"));

        var plugins = await _bench.LoadAsync(requireLock: true);

        Assert.Equal(PluginState.Active, plugins[0].State);
        AssertNotLocked("is not what plugins.lock.json names", plugins[1]);
        AssertNotLocked("does not name it", plugins[2]);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"version":2,"plugins":[]}""")]
    [InlineData("""{"version":1}""")]
    [InlineData("""{"version":1,"plugins":[{"name":"Sample"}]}""")]
    [InlineData("""{"version":1,"plugins":[{"name":null,"version":"1","hash":"x"}]}""")]
    [InlineData("""{"version":1,"plugins":[],"plugins":[]}""")]
    public async Task With_a_broken_lock_file_everything_is_rejected_and_told_why(string text)
    {
        _bench.PackSample("1.0.0");
        await _bench.AddAsync("Sample");
        await File.WriteAllTextAsync(Path.Combine(_bench.Plugins, LockFile.FileName), text, TestContext.Current.CancellationToken);

        AssertNotLocked("can't be read", Assert.Single(await _bench.LoadAsync(requireLock: true)));
    }

    [Fact]
    public async Task Without_a_lock_file_everything_is_rejected()
    {
        _bench.PackSample("1.0.0");
        await _bench.AddAsync("Sample");
        File.Delete(Path.Combine(_bench.Plugins, LockFile.FileName));

        AssertNotLocked("there is no plugins.lock.json", Assert.Single(await _bench.LoadAsync(requireLock: true)));
        Assert.Equal(PluginState.Active, Assert.Single(await _bench.LoadAsync()).State);
    }

    private static void AssertNotLocked(string says, PluginStatus plugin)
    {
        Assert.Equal(PluginState.Rejected, plugin.State);
        RuleBook.AssertRule("not-locked", Assert.Single(plugin.Rejections).Rule);
        Assert.Contains(says, plugin.Reason, StringComparison.Ordinal);
    }
}
