using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Plugins;
using Sluice.Engine.Plugins.Locking;
using Sluice.Engine.Plugins.Verification;

namespace Sluice.Engine.Tests.Plugins.Locking;

public sealed class PluginLockTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sluice-lock-").FullName;

    private string PluginsDirectory => Path.Combine(_root, "plugins");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task What_is_locked_is_loaded_and_what_was_changed_or_copied_by_hand_is_rejected()
    {
        Lock(AddSample("Locked"), AddSample("Tampered"));
        await File.WriteAllTextAsync(Path.Combine(PluginsDirectory, "Tampered", "extra.txt"), "", TestContext.Current.CancellationToken);
        AddSample("Unknown");

        var plugins = await LoadAsync(requireLock: true);

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
        AddSample("Sample");
        await File.WriteAllTextAsync(Path.Combine(PluginsDirectory, LockFile.FileName), text, TestContext.Current.CancellationToken);

        AssertNotLocked("can't be read", Assert.Single(await LoadAsync(requireLock: true)));
    }

    [Fact]
    public async Task Without_a_lock_file_everything_is_rejected()
    {
        AddSample("Sample");

        AssertNotLocked("there is no plugins.lock.json", Assert.Single(await LoadAsync(requireLock: true)));
        Assert.Equal(PluginState.Active, Assert.Single(await LoadAsync(requireLock: false)).State);
    }

    private LockEntry AddSample(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(PluginsDirectory, name)).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "fixtures", "Sample")))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return new LockEntry { Name = name, Version = "1.0.0", Hash = FolderContent.Hash(folder) };
    }

    private void Lock(params LockEntry[] entries) =>
        entries.Aggregate(LockFile.Empty, (file, entry) => file.With(entry)).Write(PluginsDirectory);

    private async Task<IReadOnlyList<PluginStatus>> LoadAsync(bool requireLock)
    {
        await using var host = new PluginHost(Path.Combine(_root, "shadows"), NullLogger.Instance, requireLock ? new PluginLock(PluginsDirectory) : null);
        await host.LoadAllAsync(PluginsDirectory, TestContext.Current.CancellationToken);
        return host.Plugins;
    }

    private static void AssertNotLocked(string says, PluginStatus plugin)
    {
        Assert.Equal(PluginState.Rejected, plugin.State);
        RuleBook.AssertRule("not-locked", Assert.Single(plugin.Rejections).Rule);
        Assert.Contains(says, plugin.Reason, StringComparison.Ordinal);
    }
}
