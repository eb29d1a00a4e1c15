using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Engine.Checking;
using Sluice.Engine.Definitions;
using Sluice.Engine.Publishing;
using Sluice.Engine.Tests.Checking;

namespace Sluice.Engine.Tests.Publishing;

public sealed class WorkflowFolderTests : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("sluice-workflows-").FullName;
    private readonly MemoryWorkflowStore _store = new();
    private readonly FakeTimeProvider _time = new();
    private readonly TestCatalog _catalog = new();
    private readonly WorkflowRegistry _registry;
    private readonly WorkflowFolder _folder;

    public WorkflowFolderTests()
    {
        _registry = Registry();
        _folder = Folder(_registry);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _registry.Dispose();
        Directory.Delete(_path, recursive: true);
    }

    [Fact]
    public async Task Every_workflow_file_of_the_folder_is_published_and_nothing_else()
    {
        Write("a.yaml", "a");
        Write("b.yml", "b");
        Write("c.json", "c");
        Write(".hidden.yaml", "hidden");
        Write("notes.txt", "notes");
        Write("a.yaml~", "backup");
        Directory.CreateDirectory(Path.Combine(_path, "requests"));
        Write("requests/d.yaml", "d");

        await _folder.LoadAsync(Cancel);

        Assert.Equal(["a", "b", "c"], Names());
        Assert.Equal(1, _store.Batches);
    }

    [Fact]
    public async Task A_json_file_without_a_trigger_or_steps_is_left_alone_and_one_with_either_is_a_workflow()
    {
        File.WriteAllText(FileOf("keys.json"), """{"keys":[{"kty":"RSA"}]}""");
        File.WriteAllText(FileOf("list.json"), "[1, 2]");
        File.WriteAllText(FileOf("broken.json"), "{");
        File.WriteAllBytes(FileOf("binary.json"), [0xFF, 0x22, 0x00]);
        File.WriteAllText(FileOf("half.json"), """{"name":"half","steps":[]}""");
        File.WriteAllText(FileOf("open.json"), """{"name":"open","trigger":{""");
        await _folder.LoadAsync(Cancel);

        Assert.Equal(["half.json", "open.json"], _registry.Refused.Select(refused => Path.GetFileName(refused.Source)).Order());
    }

    [Fact]
    public async Task A_json_file_that_was_refused_and_is_no_workflow_any_more_is_not_wrong_any_more()
    {
        File.WriteAllText(FileOf("a.json"), """{"name":"a","steps":[]}""");
        await _folder.LoadAsync(Cancel);
        Assert.Single(_registry.Refused);

        File.WriteAllText(FileOf("a.json"), """{"something":"else entirely"}""");
        await Look();

        Assert.Empty(_registry.Refused);
    }

    [Fact]
    public async Task A_json_file_that_was_a_workflow_stays_one_and_is_wrong_when_it_loses_its_steps()
    {
        Write("c.json", "c");
        await _folder.LoadAsync(Cancel);

        File.WriteAllText(FileOf("c.json"), """{"name":"c"}""");
        await Look();

        Assert.Equal("c", _registry.Match("POST", "/c").Value?.Name);
        Assert.NotEmpty(_registry.Refused);
    }

    [Theory]
    [InlineData("fifo")]
    [InlineData("link to a device")]
    [InlineData("link to a fifo")]
    public async Task What_is_no_regular_file_is_a_wrong_file_and_holds_nothing_up(string kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "FIFOs are made with mkfifo.");
        var fifo = kind == "fifo" ? FileOf("b.yaml") : Path.Combine(_path, "fifo");
        if (kind == "link to a device")
        {
            File.CreateSymbolicLink(FileOf("b.yaml"), "/dev/zero");
        }
        else
        {
            using var made = System.Diagnostics.Process.Start("mkfifo", [fifo]);
            await made.WaitForExitAsync(Cancel);
            if (kind == "link to a fifo")
            {
                File.CreateSymbolicLink(FileOf("b.yaml"), fifo);
            }
        }

        Write("a.yaml", "a");
        await _folder.LoadAsync(Cancel);

        Assert.Equal(["a"], Names());
        var problem = Assert.Single(Assert.Single(_registry.Refused).Problems);
        Assert.Equal("unreadable-file", problem.Rule);
        Assert.Contains("not a regular file", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_file_is_a_new_version_and_an_unchanged_one_is_not()
    {
        Write("a.yaml", "a");
        Write("b.yaml", "b");
        await _folder.LoadAsync(Cancel);

        Write("a.yaml", "a", path: "/other-path");
        await Look();

        Assert.Equal(2, _registry.State("a")?.Stored.Version);
        Assert.Equal(1, _registry.State("b")?.Stored.Version);
    }

    [Fact]
    public async Task A_wrong_file_leaves_the_last_good_version_live_and_shows_its_problem_until_it_is_mended()
    {
        Write("a.yaml", "a");
        await _folder.LoadAsync(Cancel);

        Write("a.yaml", "a", node: "replyy");
        await Look();

        Assert.Equal(1, _registry.Match("POST", "/a").Value?.Version);
        Assert.Equal("unknown-node", Assert.Single(_registry.State("a")!.Problems).Rule);
        Assert.Equal(FileOf("a.yaml"), Assert.Single(_registry.Refused).Source);

        Write("a.yaml", "a");
        await Look();

        Assert.Empty(_registry.Refused);
        Assert.Equal(1, _registry.State("a")?.Stored.Version);
    }

    [Fact]
    public async Task A_file_that_is_gone_at_two_looks_takes_its_workflow_off()
    {
        Write("a.yaml", "a");
        await _folder.LoadAsync(Cancel);
        File.Delete(FileOf("a.yaml"));

        Assert.False(await Look());
        Assert.Equal(["a"], Names());
        Assert.True(await Look());
        Assert.Empty(Names());
    }

    [Fact]
    public async Task A_file_that_is_deleted_and_written_anew_keeps_its_workflow()
    {
        Write("a.yaml", "a");
        await _folder.LoadAsync(Cancel);
        File.Delete(FileOf("a.yaml"));
        await Look();
        Write("a.yaml", "a");
        await Look();

        Assert.True(await Look());
        Assert.Equal(["a"], Names());
        Assert.Equal(1, _registry.State("a")?.Stored.Version);
    }

    [Fact]
    public async Task A_renamed_file_keeps_its_workflow_without_a_gap()
    {
        Write("a.yaml", "a");
        await _folder.LoadAsync(Cancel);
        File.Move(FileOf("a.yaml"), FileOf("z.yaml"));

        await Look();
        await Look();

        Assert.Equal(1, _registry.Match("POST", "/a").Value?.Version);
        Assert.Empty(_registry.Refused);
    }

    [Fact]
    public async Task An_atomic_rename_over_a_file_is_a_change()
    {
        Write("a.yaml", "a");
        await _folder.LoadAsync(Cancel);
        Write("a.yaml.tmp", "a", path: "/elsewhere");
        File.Move(FileOf("a.yaml.tmp"), FileOf("a.yaml"), overwrite: true);

        await Look();

        Assert.Equal("a", _registry.Match("POST", "/elsewhere").Value?.Name);
    }

    [Fact]
    public async Task A_file_that_names_another_workflow_takes_the_old_one_off()
    {
        Write("a.yaml", "old", path: "/same");
        await _folder.LoadAsync(Cancel);

        Write("a.yaml", "newer", path: "/same");
        await Look();

        Assert.Equal(["newer"], Names());
        Assert.Equal("newer", _registry.Match("POST", "/same").Value?.Name);
    }

    [Fact]
    public async Task Of_two_files_with_one_name_the_second_is_refused_until_the_first_is_gone()
    {
        Write("a.yaml", "same", path: "/one");
        Write("b.yaml", "same", path: "/two");
        await _folder.LoadAsync(Cancel);

        Assert.Equal("duplicate-workflow", Assert.Single(Assert.Single(_registry.Refused).Problems).Rule);
        Assert.Equal("same", _registry.Match("POST", "/one").Value?.Name);

        File.Delete(FileOf("a.yaml"));
        await Look();
        await Look();

        Assert.Equal("same", _registry.Match("POST", "/two").Value?.Name);
        Assert.Empty(_registry.Refused);
    }

    [Fact]
    public async Task A_workflow_of_a_file_can_be_neither_published_nor_deleted_from_elsewhere()
    {
        Write("a.yaml", "a");
        await _folder.LoadAsync(Cancel);

        var publication = await _registry.PublishAsync(new Submission(WorkflowRegistryTests.Text("a", "/api"), WorkflowRegistry.Api), Cancel);
        var deletion = await _registry.DeleteAsync("a", Cancel);

        Assert.Equal("owned-by-file", Assert.Single(publication.Problems).Rule);
        Assert.Equal("owned-by-file", Assert.Single(deletion.Problems).Rule);
        Assert.Equal(1, _registry.Match("POST", "/a").Value?.Version);
    }

    [Fact]
    public async Task A_file_deleted_while_the_host_was_down_takes_its_workflow_off_at_the_next_start()
    {
        Write("a.yaml", "a");
        Write("b.yaml", "b");
        await _folder.LoadAsync(Cancel);
        File.Delete(FileOf("a.yaml"));
        File.Move(FileOf("b.yaml"), FileOf("c.yaml"));

        using var next = Registry();
        using var folder = Folder(next);
        await next.LoadAsync(Cancel);
        await folder.LoadAsync(Cancel);

        Assert.Equal(["b"], next.All().Select(state => state.Stored.Name));
        Assert.Equal(1, next.State("b")?.Stored.Version);
    }

    [Fact]
    public async Task A_folder_that_is_gone_takes_nothing_off()
    {
        Write("a.yaml", "a");
        await _folder.LoadAsync(Cancel);
        Directory.Move(_path, _path + "-away");

        await Look();
        await Look();
        Directory.Move(_path + "-away", _path);

        Assert.Equal(["a"], Names());
    }

    [Fact]
    public async Task A_file_that_is_not_text_is_refused_with_the_reason()
    {
        File.WriteAllBytes(FileOf("a.yaml"), [0xFF, 0xFE, 0x00]);
        await _folder.LoadAsync(Cancel);

        Assert.Equal("bad-encoding", Assert.Single(Assert.Single(_registry.Refused).Problems).Rule);
    }

    [Fact]
    public async Task A_store_that_fails_is_tried_again_at_the_next_look()
    {
        Write("a.yaml", "a");
        _store.IsBroken = true;
        await Assert.ThrowsAsync<IOException>(Look);

        _store.IsBroken = false;
        await Look();

        Assert.Equal(["a"], Names());
    }

    [Fact]
    public async Task A_watched_folder_is_looked_at_without_any_event_too()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var watching = _folder.WatchAsync(stop.Token);
        Write("a.yaml", "a");

        while (_registry.Find("a") is null)
        {
            _time.Advance(WorkflowFolder.Rescan);
            await Task.Yield();
        }

        await stop.CancelAsync();
        await watching;
    }

    [Fact]
    public async Task A_file_that_waits_for_a_plugin_goes_live_with_it_and_not_at_the_next_look_without_an_event()
    {
        _catalog.Remove("reply");
        Write("a.yaml", "a");
        await _folder.LoadAsync(Cancel);
        Assert.Equal("unknown-node", Assert.Single(Assert.Single(_registry.Refused).Problems).Rule);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var watching = _folder.WatchAsync(stop.Token);
        // Behind the watch's own first look.
        await Look();

        _catalog.Add(new ReplyNode());
        await _registry.RecheckAsync(new HashSet<string> { "Test" }, Cancel);
        var step = WorkflowFolder.Settle / 4;
        for (var turned = step; turned < WorkflowFolder.Rescan && _registry.Find("a") is null; turned += step)
        {
            _time.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(10), Cancel);
        }

        Assert.NotNull(_registry.Find("a"));
        await stop.CancelAsync();
        await watching;
    }

    private Task<bool> Look() => _folder.LookAsync(patient: true, Cancel);

    private IEnumerable<string> Names() => _registry.All().Select(state => state.Stored.Name);

    private string FileOf(string name) => Path.Combine(_path, name);

    private void Write(string file, string name, string? path = null, string node = "reply") =>
        File.WriteAllText(FileOf(file), WorkflowRegistryTests.Text(name, path ?? $"/{name}", node));

    private WorkflowRegistry Registry() =>
        new(_store, new WorkflowChecker(_catalog), _time, NullLogger.Instance);

    private WorkflowFolder Folder(WorkflowRegistry registry) => new(_path, registry, _time, NullLogger.Instance);
}
