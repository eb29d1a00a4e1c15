using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Plugins;

namespace Sluice.Engine.Tests.Plugins;

/// <summary>What can be told about a plugins directory without loading a plugin, and when it can't be told.</summary>
public sealed class KnownNodesTests : IAsyncLifetime
{
    private readonly PluginSandbox _sandbox = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _sandbox.Add("Sample");
        await _sandbox.LoadAsync();
    }

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    [Fact]
    public void The_nodes_of_contents_that_were_loaded_before_are_described_as_the_host_describes_them()
    {
        var known = Read()!;

        Assert.Equal(
            _sandbox.Host.Catalog.Nodes.Select(node => (node.Type, node.Summary, node.Plugin)), known.Nodes.Select(node => (node.Type, node.Summary, node.Plugin)));
    }

    [Fact]
    public void The_folders_of_a_type_are_those_of_the_plugin_that_has_it()
    {
        var known = Read()!;

        Assert.Equal([Path.Combine(_sandbox.PluginsDirectory, "Sample")], known.FoldersOf(new HashSet<string> { "greet", "unknown" }));
        Assert.Empty(known.FoldersOf(new HashSet<string> { "unknown" }));
    }

    [Fact]
    public async Task A_content_that_no_load_has_accepted_leaves_everything_to_find_out()
    {
        await File.WriteAllTextAsync(Path.Combine(_sandbox.PluginsDirectory, "Sample", "extra.txt"), "new", Token);

        Assert.Null(Read());
    }

    [Fact]
    public void Two_plugins_with_a_node_of_one_type_leave_everything_to_find_out()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(_sandbox.PluginsDirectory, "Sample")))
        {
            var copy = Path.Combine(_sandbox.PluginsDirectory, "Sample@2", Path.GetFileName(file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        Assert.Null(Read());
    }

    [Fact]
    public void A_directory_that_is_not_there_leaves_everything_to_find_out() =>
        Assert.Null(KnownNodes.Read(Path.Combine(_sandbox.PluginsDirectory, "absent"), _sandbox.ShadowDirectory));

    [Fact]
    public async Task A_host_that_keeps_no_copies_believes_what_was_found_elsewhere()
    {
        var known = Directory.CreateTempSubdirectory("sluice-known-");
        var shadows = Directory.CreateTempSubdirectory("sluice-shadows-");
        try
        {
            foreach (var note in Directory.EnumerateFiles(_sandbox.ShadowDirectory, "*.json"))
            {
                var text = await File.ReadAllTextAsync(note, Token);
                await File.WriteAllTextAsync(Path.Combine(known.FullName, Path.GetFileName(note)), text.Replace("Greets by name.", "Greets by heart.", StringComparison.Ordinal), Token);
            }

            await using var host = new PluginHost(shadows.FullName, NullLogger.Instance, knownDirectory: known.FullName, isUnloadable: false);
            await host.LoadAllAsync(_sandbox.PluginsDirectory, Token);

            Assert.Equal("Greets by heart.", host.Catalog.Find("greet")!.Descriptor.Summary);
            Assert.Empty(shadows.EnumerateFileSystemInfos());
        }
        finally
        {
            known.Delete(recursive: true);
            shadows.Delete(recursive: true);
        }
    }

    private KnownNodes? Read() => KnownNodes.Read(_sandbox.PluginsDirectory, _sandbox.ShadowDirectory);
}
