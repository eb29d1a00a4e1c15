using System.Text;
using Sluice.Engine.Plugins;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Plugins;

public sealed class PluginHostTests : IAsyncDisposable
{
    private readonly PluginSandbox _sandbox = new();

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    [Fact]
    public async Task A_good_plugin_is_active_with_its_name_version_hash_and_nodes()
    {
        _sandbox.Add("Sample");

        await _sandbox.LoadAsync();

        var status = Assert.Single(_sandbox.Host.Plugins);
        Assert.Equal(("Sample", "1.0.0", PluginState.Active, null), (status.Name, status.Version, status.State, status.Reason));
        Assert.Equal(["greet", "lost", "unruly"], status.NodeTypes.Order());
        Assert.Matches("^[0-9a-f]{64}$", status.Hash);
        Assert.Equal(["greet", "lost", "unruly"], _sandbox.Host.Catalog.Nodes.Select(node => node.Type));
    }

    [Fact]
    public async Task A_nodes_descriptor_says_what_its_attributes_and_records_say()
    {
        _sandbox.Add("Sample");

        var greet = (await _sandbox.LoadAsync()).Node("greet").Descriptor;

        Assert.Equal(("Greet", "Samples", "Greets by name.", Effect.None), (greet.Name, greet.Category, greet.Summary, greet.Effect));
        Assert.Equal(["polite", "curt"], greet.Ports.Select(port => port.Name));
        Assert.Equal("Who is greeted.", greet.ConfigSchema.GetProperty("properties").GetProperty("name").GetProperty("description").GetString());
        Assert.Equal("A polite greeting", Assert.Single(greet.Examples).Summary);
        Assert.Equal("Sample", greet.Plugin.Name);
    }

    [Theory]
    [InlineData("TwoOfOneType", "type-twice", "'twin'")]
    [InlineData("ThrowingConstructor", "constructor-throws", "System.InvalidOperationException: the disk is not mounted")]
    [InlineData("SpecThrows", "spec-throws", "Faulty.Secretive can't be read: it threw System.InvalidOperationException: the catalogue is closed")]
    [InlineData("X86Only", "unloadable", "X86Only.dll")]
    [InlineData("NoConstructor", "no-constructor", "Faulty.Demanding")]
    [InlineData("NoNodes", "no-nodes", "NoNodes")]
    [InlineData("BadSpec", "node-type", "'Shouting-Node'")]
    [InlineData("BadExample", "example", "'Wishful' of node 'picky' is rejected by the node's own check: size ")]
    [InlineData("NewerSdk", "sdk-newer", "1.7")]
    [InlineData("NoSdk", "sdk-missing", "NoSdk.dll")]
    [InlineData("OldFramework", "target-framework", ".NETFramework,Version=v4.8")]
    [InlineData("NewFramework", "target-framework", "99.0")]
    public async Task A_faulty_plugin_is_rejected_by_its_rule_and_disturbs_nothing(string fixture, string rule, string names)
    {
        _sandbox.Add(fixture);
        _sandbox.Add("Sample");

        await _sandbox.LoadAsync();

        var faulty = _sandbox.Host.Plugins.Single(plugin => plugin.Name == fixture);
        Assert.Equal(PluginState.Rejected, faulty.State);
        RuleBook.AssertRule(rule, Assert.Single(faulty.Rejections).Rule);
        Assert.Contains(names, faulty.Reason, StringComparison.Ordinal);
        Assert.Equal(["greet", "lost", "unruly"], _sandbox.Host.Catalog.Nodes.Select(node => node.Type));
    }

    [Fact]
    public async Task Of_two_plugins_with_one_node_type_the_second_by_name_is_rejected_and_told_of_the_first()
    {
        _sandbox.Add("Sample", "Beta");
        _sandbox.Add("Sample", "Alpha");

        await _sandbox.LoadAsync();

        Assert.Equal([PluginState.Active, PluginState.Rejected], _sandbox.Host.Plugins.Select(plugin => plugin.State));
        var beta = _sandbox.Host.Plugins[1];
        Assert.All(beta.Rejections, rejection => RuleBook.AssertRule("type-taken", rejection.Rule));
        Assert.Contains("'greet' already belongs to the plugin Alpha", beta.Reason, StringComparison.Ordinal);
        Assert.Equal("Alpha", _sandbox.Node("greet").Descriptor.Plugin.Name);
    }

    [Fact]
    public async Task A_type_that_cannot_be_loaded_rejects_the_plugin_and_names_what_is_missing()
    {
        var folder = _sandbox.Add("Versioned1");
        File.Delete(Path.Combine(folder, "Dependency.dll"));
        await File.WriteAllTextAsync(
            Path.Combine(folder, "Versioned.deps.json"),
            """{"runtimeTarget":{"name":"t"},"targets":{"t":{"Versioned/1.0.0":{"runtime":{"Versioned.dll":{}}}}},"libraries":{}}""",
            TestContext.Current.CancellationToken);

        await _sandbox.LoadAsync();

        var rejection = Assert.Single(_sandbox.Host.Plugins[0].Rejections);
        RuleBook.AssertRule("types-unloadable", rejection.Rule);
        Assert.Contains("'Dependency, Version=1.0.0.0", rejection.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_plugins_each_use_their_own_version_of_one_dependency()
    {
        _sandbox.Add("Versioned1");
        _sandbox.Add("Versioned2");
        await _sandbox.LoadAsync();

        Assert.Equal("1", await RunAsync("version_one"));
        Assert.Equal("2", await RunAsync("version_two"));
    }

    [Fact]
    public async Task A_folder_whose_name_starts_with_a_dot_is_left_alone()
    {
        _sandbox.Add("Sample", ".incoming");

        await _sandbox.LoadAsync();

        Assert.Empty(_sandbox.Host.Plugins);
    }

    [Fact]
    public async Task A_plugins_directory_that_does_not_exist_gives_no_plugins()
    {
        await _sandbox.Host.LoadAllAsync(Path.Combine(_sandbox.PluginsDirectory, "nowhere"), TestContext.Current.CancellationToken);

        Assert.Empty(_sandbox.Host.Plugins);
    }

    [Fact]
    public async Task Plugins_run_from_a_copy_so_their_folder_can_be_removed()
    {
        var folder = _sandbox.Add("Versioned2");
        await _sandbox.LoadAsync();

        Directory.Delete(folder, recursive: true);

        Assert.Equal("2", await RunAsync("version_two"));
    }

    [Fact]
    public async Task Copies_that_nothing_runs_from_are_removed_and_nothing_else_is()
    {
        _sandbox.Add("Sample");
        var stale = Directory.CreateDirectory(Path.Combine(_sandbox.ShadowDirectory, new string('a', 64))).FullName;
        var foreign = Directory.CreateDirectory(Path.Combine(_sandbox.ShadowDirectory, "holiday-photos")).FullName;

        await _sandbox.LoadAsync();
        await _sandbox.Host.ReleaseAsync(TestContext.Current.CancellationToken);

        Assert.False(Directory.Exists(stale));
        Assert.True(Directory.Exists(foreign));
        Assert.True(Directory.Exists(Path.Combine(_sandbox.ShadowDirectory, _sandbox.Host.Plugins[0].Hash!)));
    }

    [Fact]
    public async Task A_rejected_plugin_that_was_mended_loads_the_next_time()
    {
        var folder = _sandbox.Add("Sample");
        var dependencies = Path.Combine(folder, "Sample.deps.json");
        File.Move(dependencies, dependencies + ".away");
        await _sandbox.LoadAsync();
        RuleBook.AssertRule("missing-deps", Assert.Single(_sandbox.Host.Plugins[0].Rejections).Rule);

        File.Move(dependencies + ".away", dependencies);
        await _sandbox.LoadAsync();

        Assert.Equal(PluginState.Active, _sandbox.Host.Plugins[0].State);
    }

    private async Task<string> RunAsync(string type)
    {
        var result = await _sandbox.Node(type).RunAsync("{}"u8.ToArray(), PluginSandbox.Context(), TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(Assert.IsType<NodeResult.Completed>(result).Output.Span);
    }
}
