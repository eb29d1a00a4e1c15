using System.Collections.Immutable;
using Sluice.Engine.Plugins;
using Sluice.Engine.Plugins.Verification;
using Sluice.Sdk;

namespace Sluice.Engine.Tests.Plugins.Verification;

public sealed class FolderRulesTests : IAsyncDisposable
{
    private readonly PluginSandbox _sandbox = new();

    public ValueTask DisposeAsync() => _sandbox.DisposeAsync();

    [Theory]
    [InlineData("Sample")]
    [InlineData("Versioned1")]
    [InlineData("Harmless")]
    public void A_good_folder_breaks_no_rule(string fixture)
    {
        Assert.Empty(Check(_sandbox.Add(fixture)));
    }

    [Fact]
    public void An_empty_folder_is_rejected()
    {
        AssertOnly("empty-folder", Check(_sandbox.AddEmpty("Empty")));
    }

    [Theory]
    [InlineData("readme.txt", "hello")]
    [InlineData("NotDotnet.dll", "MZ, or so it says")]
    [InlineData("NotDotnet.dll", "")]
    public void A_folder_without_a_dotnet_assembly_is_rejected(string file, string content)
    {
        var folder = _sandbox.AddEmpty("NotDotnet");
        File.WriteAllText(Path.Combine(folder, file), content);

        AssertOnly("not-dotnet", Check(folder));
    }

    [Fact]
    public void An_assembly_that_is_cut_short_is_rejected()
    {
        var folder = _sandbox.Add("Sample");
        using (var file = File.OpenWrite(Path.Combine(folder, "Sample.dll")))
        {
            file.SetLength(file.Length / 2);
        }

        AssertOnly("not-dotnet", Check(folder));
    }

    [Fact]
    public void A_plugin_of_another_framework_is_told_so_though_it_has_no_deps_file_either()
    {
        var folder = _sandbox.Add("OldFramework");
        File.Delete(Path.Combine(folder, "OldFramework.deps.json"));

        AssertOnly("target-framework", Check(folder));
    }

    [Theory]
    [MemberData(nameof(OddFile.Kinds), MemberType = typeof(OddFile))]
    public void A_folder_with_what_is_no_regular_file_is_rejected_before_anything_of_it_is_read(string kind, string called)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux is asked what a file is.");
        var folder = _sandbox.Add("Sample");
        File.Delete(Path.Combine(folder, "Sample.deps.json"));
        OddFile.Create(Path.Combine(folder, "Sample.deps.json"), kind);

        Assert.Contains($"'Sample.deps.json', which is {called}.", AssertOnly("not-a-file", Check(folder)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_deps_file_is_rejected()
    {
        var folder = _sandbox.Add("Sample");
        File.Delete(Path.Combine(folder, "Sample.deps.json"));

        AssertOnly("missing-deps", Check(folder));
    }

    [Fact]
    public void Several_deps_files_are_rejected_unless_one_is_named_like_the_folder()
    {
        var folder = _sandbox.Add("Sample", "Other");
        File.Copy(Path.Combine(folder, "Sample.deps.json"), Path.Combine(folder, "Second.deps.json"));
        AssertOnly("ambiguous-entry", Check(folder));

        var named = Path.Combine(_sandbox.PluginsDirectory, "Sample");
        Directory.Move(folder, named);
        Assert.Empty(Check(named));
    }

    [Fact]
    public void A_deps_file_without_its_assembly_is_rejected()
    {
        var folder = _sandbox.Add("Sample");
        File.Move(Path.Combine(folder, "Sample.dll"), Path.Combine(folder, "Renamed.dll"));

        AssertOnly("missing-entry", Check(folder));
    }

    // Most of these would end the process if the runtime's own reader got to see them.
    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"runtimeTarget":{},"targets":{},"libraries":{}}""")]
    [InlineData("""{"runtimeTarget":{"name":"t"},"targets":{},"libraries":{}}""")]
    [InlineData("""{"runtimeTarget":{"name":"t"},"targets":{"t":null},"libraries":{}}""")]
    [InlineData("""{"runtimeTarget":{"name":"t"},"targets":{"t":{}}}""")]
    [InlineData("""{"runtimeTarget":{"name":"t"},"targets":{"t":{"p":null}},"libraries":{}}""")]
    [InlineData("""{"runtimeTarget":{"name":"t"},"targets":{"t":{"p":{"runtime":null}}},"libraries":{}}""")]
    [InlineData("""{"runtimeTarget":{"name":"t"},"targets":{"t":{"p":{"native":null}}},"libraries":{}}""")]
    [InlineData("""{"runtimeTarget":{"name":"t"},"targets":{"t":{"p":{"runtime":{"p.dll":1}}}},"libraries":{}}""")]
    [InlineData("""{"runtimeTarget":{"name":"t"},"targets":{"t":{"p":{"runtimeTargets":{"p.so":{"rid":null,"assetType":"native"}}}}},"libraries":{}}""")]
    [InlineData("""{"runtimeTarget":{"name":"t"},"targets":{"t":{"p":{"runtimeTargets":{"p.so":{"rid":"linux"}}}}},"libraries":{}}""")]
    [InlineData("""{"runtimeTarget":{"name":"t"},"targets":{"t":{}},"libraries":{"p":{"type":"project"}}}""")]
    public void A_malformed_deps_file_is_rejected(string text)
    {
        var folder = _sandbox.Add("Sample");
        File.WriteAllText(Path.Combine(folder, "Sample.deps.json"), text);

        AssertOnly("bad-deps", Check(folder));
    }

    [Fact]
    public void An_assembly_that_the_deps_file_names_and_the_folder_lacks_is_rejected_by_name()
    {
        var folder = _sandbox.Add("Versioned1");
        File.Delete(Path.Combine(folder, "Dependency.dll"));

        Assert.Contains("Dependency.dll", AssertOnly("missing-file", Check(folder)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_copy_of_the_SDK_is_rejected_and_the_cure_is_the_project_setting()
    {
        var folder = _sandbox.Add("Sample");
        File.Copy(typeof(INode).Assembly.Location, Path.Combine(folder, "Sluice.Sdk.dll"));

        Assert.Contains("Private=\"false\"", AssertOnly("sdk-copy", Check(folder)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_SDK_with_its_copy_in_the_folder_is_told_both_at_once()
    {
        var folder = _sandbox.Add("NewerSdk");
        File.Copy(typeof(INode).Assembly.Location, Path.Combine(folder, "Sluice.Sdk.dll"));

        Assert.Equal(["sdk-newer", "sdk-copy"], Check(folder).Select(rejection => rejection.Rule));
    }

    [Fact]
    public void A_plugin_that_needs_a_newer_shared_assembly_is_rejected_by_name_and_version()
    {
        var folder = _sandbox.Add("Weather1.0.0", "Weather");
        BuiltAgainst.Version(Path.Combine(folder, "Weather.dll"), "Microsoft.Extensions.Logging.Abstractions", 99);

        Assert.Contains(
            "Weather.dll needs Microsoft.Extensions.Logging.Abstractions 99.0.0.0, and this host has ", AssertOnly("shared-newer", Check(folder)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_library_beside_the_entry_assembly_that_needs_a_newer_shared_assembly_is_told_too()
    {
        var folder = _sandbox.Add("Sample");
        var library = Path.Combine(folder, "Library.dll");
        File.Copy(Path.Combine(_sandbox.Add("Weather1.0.0", "Weather"), "Weather.dll"), library);
        Assert.Empty(Check(folder));

        BuiltAgainst.Version(library, "Microsoft.Extensions.Logging.Abstractions", 99);

        Assert.StartsWith("Library.dll needs", AssertOnly("shared-newer", Check(folder)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("System.ComponentModel.TypeDescriptor")]
    [InlineData("System.ComponentModel.DataAnnotations.Validator")]
    [InlineData("Microsoft.CSharp.RuntimeBinder.Binder")]
    [InlineData("System.Reflection.DispatchProxy")]
    [InlineData("System.Xml.Serialization.XmlSerializer")]
    [InlineData("System.Runtime.Serialization.DataContractSerializer")]
    [InlineData("System.Linq.Expressions.Expression`1::Compile")]
    public void A_use_of_what_pins_a_plugin_in_memory_is_rejected_by_name(string name)
    {
        var rejections = Check(_sandbox.Add("Forbidden"));

        Assert.Contains(rejections, rejection => rejection.Rule == "pins-memory" && rejection.Message.Contains($"uses {name}, ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Newtonsoft.Json.dll")]
    [InlineData("Polly.Core.dll")]
    [InlineData("Polly.dll")]
    public void A_private_copy_of_a_library_that_pins_a_plugin_in_memory_is_rejected(string file)
    {
        var folder = _sandbox.Add("Sample");
        File.WriteAllText(Path.Combine(folder, file), "");

        Assert.Contains(file, AssertOnly("pins-memory-copy", Check(folder)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_only_can_not_be_unloaded_may_run_in_a_process_of_its_own()
    {
        var folder = PluginFolder.Read(_sandbox.Add("Forbidden"));

        Assert.Empty(FolderRules.CheckForProcess(folder));
        Assert.NotEmpty(FolderRules.ProcessOnly(folder));
        Assert.Equal(FolderRules.Check(folder), FolderRules.ProcessOnly(folder));
    }

    [Fact]
    public void What_can_not_be_loaded_at_all_may_run_nowhere()
    {
        var path = _sandbox.Add("Forbidden");
        File.Delete(Path.Combine(path, "Forbidden.deps.json"));
        var folder = PluginFolder.Read(path);

        AssertOnly("missing-deps", FolderRules.CheckForProcess(folder));
        Assert.Empty(FolderRules.ProcessOnly(folder));
    }

    private static ImmutableArray<Rejection> Check(string folder) => FolderRules.Check(PluginFolder.Read(folder));

    private static string AssertOnly(string rule, ImmutableArray<Rejection> rejections)
    {
        var rejection = Assert.Single(rejections);
        RuleBook.AssertRule(rule, rejection.Rule);
        return rejection.Message;
    }
}
