using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Plugins;

namespace Sluice.Engine.Tests.Plugins;

public sealed class PluginFolderWatcherTests : IAsyncLifetime
{
    private readonly PluginSandbox _sandbox = new();
    private readonly PluginFolderWatcher _watcher;

    public PluginFolderWatcherTests() =>
        _watcher = new PluginFolderWatcher(_sandbox.PluginsDirectory, _sandbox.Host, _sandbox.Time, NullLogger.Instance);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string? Current => _sandbox.Host.Catalog.Find("forecast")?.Descriptor.Plugin.Version;

    private string Folder => Path.Combine(_sandbox.PluginsDirectory, "Weather");

    public async ValueTask InitializeAsync()
    {
        _sandbox.Add("Weather1.0.0", "Weather");
        await _sandbox.LoadAsync();
        Assert.True(await SettleAsync());
        // Past the time in which a change would mean that the copy goes on.
        _sandbox.Time.Advance(PluginFolderWatcher.Slow);
    }

    public ValueTask DisposeAsync()
    {
        _watcher.Dispose();
        return _sandbox.DisposeAsync();
    }

    [Fact]
    public async Task A_folder_that_changed_is_taken_on_at_the_second_look()
    {
        _sandbox.Replace("Weather", "Weather1.1.0");

        Assert.False(await _watcher.LookAsync(Token));
        Assert.Equal("1.0.0", Current);
        Assert.True(await _watcher.LookAsync(Token));
        Assert.Equal("1.1.0", Current);
    }

    [Fact]
    public async Task A_folder_renamed_into_its_place_from_a_name_with_a_dot_is_taken_on_at_the_first_look()
    {
        _sandbox.Replace("Weather", "Weather1.1.0");
        _watcher.Rename(".incoming", "Weather");

        Assert.True(await _watcher.LookAsync(Token));

        Assert.Equal("1.1.0", Current);
    }

    [Theory]
    [InlineData("weather-of-today", "Weather")]
    [InlineData(".incoming/Weather", "Weather")]
    [InlineData("Weather/.Weather.dll", "Weather/Weather.dll")]
    public async Task Only_a_name_with_a_dot_beside_the_plugins_says_that_what_is_renamed_is_whole(string from, string to)
    {
        _sandbox.Replace("Weather", "Weather1.1.0");
        _watcher.Rename(from, to);

        Assert.False(await _watcher.LookAsync(Token));

        Assert.Equal("1.0.0", Current);
    }

    [Fact]
    public async Task A_renamed_folder_that_something_happens_to_afterwards_is_waited_for()
    {
        _sandbox.Replace("Weather", "Weather1.1.0");
        _watcher.Rename(".incoming", "Weather");
        _watcher.Touch("Weather/Weather.dll");

        Assert.False(await _watcher.LookAsync(Token));
        Assert.Equal("1.0.0", Current);
        Assert.True(await _watcher.LookAsync(Token));
        Assert.Equal("1.1.0", Current);
    }

    [Fact]
    public async Task The_file_systems_own_news_of_a_rename_is_enough_to_take_a_folder_on()
    {
        // Its clock runs for the moment that is left to a burst of events, and stands still for whatever waits until a folder lies still.
        using var watcher = new PluginFolderWatcher(_sandbox.PluginsDirectory, _sandbox.Host, new BriefTime(PluginFolderWatcher.Burst), NullLogger.Instance);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var watching = watcher.WatchAsync(stop.Token);

        _sandbox.Replace("Weather", "Weather1.1.0");
        await _sandbox.WaitAsync(() => Current == "1.1.0");

        await stop.CancelAsync();
        await watching;
    }

    [Fact]
    public async Task A_folder_that_changes_between_two_looks_is_waited_for()
    {
        _sandbox.Replace("Weather", "Weather1.1.0");
        await _watcher.LookAsync(Token);

        await File.WriteAllTextAsync(Path.Combine(Folder, "late.txt"), "late", Token);

        Assert.False(await _watcher.LookAsync(Token));
        Assert.Equal("1.0.0", Current);
        Assert.True(await _watcher.LookAsync(Token));
        Assert.Equal("1.1.0", Current);
    }

    [Fact]
    public async Task A_copy_file_by_file_that_stops_half_way_leaves_the_old_version_says_why_and_is_taken_on_when_it_is_complete()
    {
        var incoming = _sandbox.Add("Weather1.1.0", ".incoming");
        Directory.Delete(Folder, recursive: true);
        Directory.CreateDirectory(Folder);
        File.Copy(Path.Combine(incoming, "Weather.dll"), Path.Combine(Folder, "Weather.dll"));
        await SettleAsync();
        Assert.Equal("1.0.0", Current);
        RuleBook.AssertRule("missing-deps", _sandbox.Host.Plugins[1].Rejections[0].Rule);

        File.Copy(Path.Combine(incoming, "Weather.deps.json"), Path.Combine(Folder, "Weather.deps.json"));
        await SettleAsync();

        Assert.Equal("1.1.0", Current);
        Assert.DoesNotContain(_sandbox.Host.Plugins, plugin => plugin.State == PluginState.Rejected);
    }

    [Fact]
    public async Task A_folder_that_changes_again_right_after_it_was_taken_for_whole_is_being_copied_slowly_and_given_longer()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "first.txt"), "first", Token);
        await SettleAsync();
        await File.WriteAllTextAsync(Path.Combine(Folder, "second.txt"), "second", Token);

        for (var look = 0; look < PluginFolderWatcher.SlowSettles; look++)
        {
            Assert.False(await _watcher.LookAsync(Token));
            Assert.Equal(1, _sandbox.Host.Swaps);
        }

        Assert.True(await _watcher.LookAsync(Token));
        Assert.Equal(2, _sandbox.Host.Swaps);
    }

    [Fact]
    public async Task A_folder_that_changes_again_later_is_taken_on_as_soon_as_any()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "first.txt"), "first", Token);
        await SettleAsync();
        _sandbox.Time.Advance(PluginFolderWatcher.Slow);
        await File.WriteAllTextAsync(Path.Combine(Folder, "second.txt"), "second", Token);

        Assert.False(await _watcher.LookAsync(Token));
        Assert.True(await _watcher.LookAsync(Token));

        Assert.Equal(2, _sandbox.Host.Swaps);
    }

    [Theory]
    [InlineData("Weather.deps.json", " ")]
    [InlineData("de/texts.json", "{}")]
    [InlineData("runtimes/linux-x64/native/nothing.txt", "x")]
    public async Task A_change_of_any_file_is_a_new_version(string file, string addition)
    {
        var path = Path.Combine(Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.AppendAllTextAsync(path, addition, Token);

        await SettleAsync();

        Assert.Equal(1, _sandbox.Host.Swaps);
    }

    [Fact]
    public async Task A_deleted_folder_serves_on_and_says_so_until_the_grace_is_over()
    {
        Directory.Delete(Folder, recursive: true);

        Assert.False(await _watcher.LookAsync(Token));
        _sandbox.Time.Advance(PluginFolderWatcher.DefaultRemovalGrace - TimeSpan.FromMilliseconds(1));
        Assert.False(await _watcher.LookAsync(Token));
        Assert.Equal("1.0.0", Current);
        var status = Assert.Single(_sandbox.Host.Plugins);
        Assert.Equal((PluginState.Active, "Its folder was removed. It is unloaded 2 s after that, unless a folder with the same name appears."), (status.State, status.Reason));

        _sandbox.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await _watcher.LookAsync(Token));
        Assert.Null(Current);
    }

    [Fact]
    public async Task A_folder_that_comes_back_within_the_grace_is_a_swap_like_any_other()
    {
        var old = _sandbox.Node("forecast");
        Directory.Delete(Folder, recursive: true);
        await _watcher.LookAsync(Token);
        _sandbox.Time.Advance(PluginFolderWatcher.DefaultRemovalGrace - TimeSpan.FromMilliseconds(1));
        await _watcher.LookAsync(Token);

        _sandbox.Add("Weather1.1.0", "Weather");
        Assert.False(await _watcher.LookAsync(Token));
        // However long the copying takes from here on.
        _sandbox.Time.Advance(PluginFolderWatcher.DefaultRemovalGrace);
        Assert.Equal("1.0.0", Current);
        Assert.True(await SettleAsync());

        Assert.Equal(("1.1.0", 1), (Current, _sandbox.Host.Swaps));
        Assert.NotNull(old.Enter());
        Assert.Null(_sandbox.Host.Plugins[0].Reason);
    }

    [Fact]
    public async Task The_same_folder_back_within_the_grace_changes_nothing()
    {
        Directory.Move(Folder, Folder + ".away");
        await _watcher.LookAsync(Token);
        Directory.Move(Folder + ".away", Folder);
        Assert.True(await SettleAsync());

        Assert.Equal(0, _sandbox.Host.Swaps);
        Assert.Null(Assert.Single(_sandbox.Host.Plugins).Reason);
        _sandbox.Time.Advance(PluginFolderWatcher.DefaultRemovalGrace);
        await _watcher.LookAsync(Token);
        Assert.Equal("1.0.0", Current);
    }

    [Fact]
    public async Task A_rejected_folder_that_is_deleted_is_forgotten_without_a_grace()
    {
        var folder = _sandbox.AddEmpty("Empty");
        await SettleAsync();
        Assert.Equal(PluginState.Rejected, _sandbox.Host.Plugins[0].State);

        Directory.Delete(folder);
        await SettleAsync();

        Assert.Equal("Weather", Assert.Single(_sandbox.Host.Plugins).Name);
    }

    [Fact]
    public async Task A_folder_with_a_FIFO_is_rejected_and_taken_on_when_that_is_gone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux is asked what a file is.");
        var fifo = Path.Combine(_sandbox.Add("Sample"), "fifo");
        OddFile.Create(fifo, "fifo");

        await SettleAsync();
        var rejected = _sandbox.Host.Plugins.Single(plugin => plugin.Name == "Sample");
        RuleBook.AssertRule("not-a-file", Assert.Single(rejected.Rejections).Rule);

        File.Delete(fifo);
        await SettleAsync();
        Assert.NotNull(_sandbox.Host.Catalog.Find("greet"));
    }

    [Fact]
    public async Task A_new_folder_is_a_new_plugin()
    {
        _sandbox.Add("Sample");

        await SettleAsync();

        Assert.NotNull(_sandbox.Host.Catalog.Find("greet"));
    }

    [Fact]
    public async Task A_folder_whose_name_starts_with_a_dot_is_left_alone()
    {
        _sandbox.Add("Sample", ".staging");

        await SettleAsync();

        Assert.Null(_sandbox.Host.Catalog.Find("greet"));
    }

    [Fact]
    public async Task A_directory_that_is_not_there_for_a_while_takes_no_plugin_with_it()
    {
        Directory.Move(_sandbox.PluginsDirectory, _sandbox.PluginsDirectory + "-away");

        Assert.True(await _watcher.LookAsync(Token));
        Assert.Equal("1.0.0", Current);

        Directory.Move(_sandbox.PluginsDirectory + "-away", _sandbox.PluginsDirectory);
    }

    [Fact]
    public async Task A_folder_that_went_while_the_host_was_starting_is_let_go_of()
    {
        using var late = new PluginFolderWatcher(_sandbox.PluginsDirectory, _sandbox.Host, _sandbox.Time, NullLogger.Instance);
        Directory.Delete(Folder, recursive: true);

        await late.LookAsync(Token);
        _sandbox.Time.Advance(PluginFolderWatcher.DefaultRemovalGrace);
        await late.LookAsync(Token);

        Assert.Null(Current);
    }

    [Fact]
    public async Task Watching_sees_each_change_by_itself()
    {
        using var watcher = new PluginFolderWatcher(_sandbox.PluginsDirectory, _sandbox.Host, TimeProvider.System, NullLogger.Instance);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var watching = watcher.WatchAsync(stop.Token);

        _sandbox.Replace("Weather", "Weather1.1.0");
        await _sandbox.WaitAsync(() => Current == "1.1.0");
        Directory.Delete(Folder, recursive: true);
        await _sandbox.WaitAsync(() => Current is null);
        _sandbox.Add("Weather2.0.0", "Weather");
        await _sandbox.WaitAsync(() => Current == "2.0.0");
        ReplaceByTheSameLengthAndTime(Path.Combine(Folder, "Weather.deps.json"));
        await _sandbox.WaitAsync(() => _sandbox.Host.Swaps >= 2);

        // A file beside the folders, such as the lock file, is nobody's content.
        await File.WriteAllTextAsync(Path.Combine(_sandbox.PluginsDirectory, "plugins.lock.json"), "{}", Token);
        ReplaceByTheSameLengthAndTime(Path.Combine(Folder, "Weather.runtimeconfig.json"));
        await _sandbox.WaitAsync(() => _sandbox.Host.Swaps >= 3);
        await _sandbox.WaitAsync(() => watcher.IsSettled);

        await stop.CancelAsync();
        await watching;
    }

    /// <summary>A clock on which nothing that takes longer than a span ever comes.</summary>
    private sealed class BriefTime(TimeSpan longest) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime <= longest ? dueTime : Timeout.InfiniteTimeSpan, period);
    }

    private static void ReplaceByTheSameLengthAndTime(string file)
    {
        var text = File.ReadAllText(file);
        File.WriteAllText(file + ".new", text.Replace(": ", " :", StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(file + ".new", File.GetLastWriteTimeUtc(file));
        File.Move(file + ".new", file, overwrite: true);
    }

    private async Task<bool> SettleAsync()
    {
        for (var look = 0; look < PluginFolderWatcher.SlowSettles + 5; look++)
        {
            if (await _watcher.LookAsync(Token))
            {
                return true;
            }
        }

        return false;
    }
}
