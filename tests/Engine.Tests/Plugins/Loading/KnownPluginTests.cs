using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine.Plugins;
using Sluice.Engine.Plugins.Loading;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Plugins.Loading;

/// <summary>What a start believes of what an earlier one found out about a plugin. Whether it asks the nodes shows where the note was changed meanwhile.</summary>
public sealed class KnownPluginTests : IAsyncLifetime
{
    private const string Written = "\"summary\":\"Greets by name.\"";
    private const string Changed = "\"summary\":\"Greets by heart.\"";

    private readonly PluginSandbox _sandbox = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Hash => _sandbox.Host.Plugins[0].Hash!;

    private string Note => Path.Combine(_sandbox.ShadowDirectory, $"{Hash}.json");

    public async ValueTask InitializeAsync()
    {
        _sandbox.Add("Sample");
        await _sandbox.LoadAsync();
    }

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    [Fact]
    public async Task A_plugin_whose_content_is_known_is_not_asked_again_what_its_nodes_are()
    {
        Change(note => note.Replace(Written, Changed, StringComparison.Ordinal));

        await using var next = await StartAsync();

        Assert.Equal("Greets by heart.", next.Catalog.Find("greet")!.Descriptor.Summary);
    }

    [Fact]
    public async Task The_nodes_of_a_known_plugin_answer_as_they_did()
    {
        await using var next = await StartAsync();
        await next.WarmAsync(new HashSet<string> { "greet" });
        var greet = next.Catalog.Find("greet")!;

        var result = Assert.IsType<NodeResult.Completed>(await greet.RunAsync("""{"name":"Ada","tone":"polite"}"""u8.ToArray(), PluginSandbox.Context(), Token));

        Assert.Equal("polite", result.Port);
        Assert.Equal("""{"greeting":"Good day, Ada."}""", System.Text.Encoding.UTF8.GetString(result.Output.Span));
        Assert.NotEmpty(greet.Check("""{"name":""}"""u8.ToArray()));
    }

    [Fact]
    public async Task A_note_of_other_code_counts_for_nothing()
    {
        Change(note => note.Replace(Written, Changed, StringComparison.Ordinal).Replace(CodeStamp.Current, "an older build", StringComparison.Ordinal));

        await using var next = await StartAsync();

        Assert.Equal("Greets by name.", next.Catalog.Find("greet")!.Descriptor.Summary);
        Assert.Contains(CodeStamp.Current, await File.ReadAllTextAsync(Note, Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_note_of_other_classes_counts_for_nothing()
    {
        Change(note => note.Replace(Written, Changed, StringComparison.Ordinal).Replace("\"Sample.Greet\"", "\"Sample.Renamed\"", StringComparison.Ordinal));

        await using var next = await StartAsync();

        Assert.Equal("Greets by name.", next.Catalog.Find("greet")!.Descriptor.Summary);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    public async Task A_damaged_note_is_made_anew(int length)
    {
        var whole = await File.ReadAllTextAsync(Note, Token);
        Change(note => note[..length]);

        await using var next = await StartAsync();

        Assert.NotNull(next.Catalog.Find("greet"));
        Assert.Equal(whole, await File.ReadAllTextAsync(Note, Token));
    }

    [Fact]
    public async Task A_note_goes_with_the_copy_that_it_is_about()
    {
        await _sandbox.Host.ApplyAsync([], ["Sample"], Token);
        await _sandbox.WaitAsync(() => _sandbox.Host.Plugins is [{ State: PluginState.Unloaded }]);

        await using var next = new PluginHost(_sandbox.ShadowDirectory, NullLogger.Instance);
        await next.ReleaseAsync(Token);

        Assert.Empty(Directory.EnumerateFileSystemEntries(_sandbox.ShadowDirectory));
    }

    [Fact]
    public void A_note_holds_all_that_a_descriptor_has()
    {
        var node = _sandbox.Node("greet").Descriptor;
        var known = new KnownPlugin(node.Plugin, "Sample.dll", new Dictionary<string, NodeDescriptor> { ["Sample.Greet"] = node });

        var read = KnownPlugin.Read(known.Write(), "Sample", node.Plugin.Hash)!;

        Assert.Equal(("Sample.dll", node.Plugin), (read.EntryName, read.Identity));
        Assert.Equal(JsonSerializer.Serialize(node), JsonSerializer.Serialize(read.Nodes["Sample.Greet"]));
    }

    [Fact]
    public void A_note_about_a_plugin_of_another_name_counts_for_nothing() =>
        Assert.Null(KnownPlugin.Read(File.ReadAllBytes(Note), "Other", Hash));

    [Fact]
    public void A_note_whose_entry_assembly_lies_outside_of_the_copy_counts_for_nothing()
    {
        Change(note => note.Replace("\"entry\":\"", "\"entry\":\"../", StringComparison.Ordinal));

        Assert.Null(KnownPlugin.Read(File.ReadAllBytes(Note), "Sample", Hash));
    }

    private void Change(Func<string, string> change)
    {
        var before = File.ReadAllText(Note);
        var after = change(before);
        Assert.NotEqual(before, after);
        File.WriteAllText(Note, after);
    }

    private async Task<PluginHost> StartAsync()
    {
        var host = new PluginHost(_sandbox.ShadowDirectory, NullLogger.Instance);
        await host.LoadAllAsync(_sandbox.PluginsDirectory, Token);
        return host;
    }
}
