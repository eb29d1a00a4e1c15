using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using Sluice.Host.Tests.Cli;

namespace Sluice.Host.Tests;

/// <summary>Projects depend one way: Host -> Packages -> Engine -> Sdk, plugins -> Sdk, Sdk.Testing -> Sdk.</summary>
public sealed class ArrowsTests
{
    [Fact]
    public void The_sdk_references_nothing_but_the_logging_abstractions() =>
        Assert.Equal(["Microsoft.Extensions.Logging.Abstractions"], References("Sluice.Sdk.dll").Where(name => !IsOfTheRuntime(name)));

    [Fact]
    public void The_engine_references_no_host_no_plugin_and_no_web_server()
    {
        var references = References("Sluice.Engine.dll");

        Assert.Equal(["Sluice.Sdk"], references.Where(name => name.StartsWith("Sluice", StringComparison.OrdinalIgnoreCase)));
        Assert.DoesNotContain(references, name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
        Assert.DoesNotContain(references, name => name.StartsWith("Serilog", StringComparison.Ordinal));
    }

    [Fact]
    public void The_engine_carries_no_nuget_client()
    {
        var project = XDocument.Load(Path.Combine(SluiceProgram.RepositoryRoot, "src/Engine/Sluice.Engine.csproj"));
        var packages = project.Descendants("PackageReference").Select(reference => reference.Attribute("Include")!.Value);

        Assert.DoesNotContain(packages.Concat(References("Sluice.Engine.dll")), name => name.StartsWith("NuGet.", StringComparison.Ordinal));
    }

    [Fact]
    public void The_package_installer_references_engine_and_sdk_and_no_host() =>
        Assert.Equal(
            ["Sluice.Engine", "Sluice.Sdk"], References("Sluice.Packages.dll").Where(name => name.StartsWith("Sluice", StringComparison.OrdinalIgnoreCase)).Order());

    [Fact]
    public void The_host_references_engine_packages_and_sdk_and_no_plugin() =>
        Assert.Equal(
            ["Sluice.Engine", "Sluice.Packages", "Sluice.Sdk"], References("sluice.dll").Where(name => name.StartsWith("Sluice", StringComparison.OrdinalIgnoreCase)).Order());

    [Fact]
    public void A_plugin_references_the_sdk_and_nothing_else_of_the_house()
    {
        var plugins = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "plugins"), "Sluice.Plugins.*.dll", SearchOption.AllDirectories);

        Assert.NotEmpty(plugins);
        foreach (var plugin in plugins)
        {
            var references = References(plugin);
            Assert.Equal(["Sluice.Sdk"], references.Where(name => name.StartsWith("Sluice", StringComparison.OrdinalIgnoreCase)));
            // Whatever else it uses it brings along, but what the host shares.
            Assert.All(
                references.Where(name => !IsOfTheRuntime(name) && name is not ("Sluice.Sdk" or "Microsoft.Extensions.Logging.Abstractions")),
                name => Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(plugin)!, $"{name}.dll")), $"{plugin} references {name}."));
        }
    }

    [Fact]
    public void A_plugin_s_folder_holds_no_copy_of_the_sdk() =>
        Assert.Empty(Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "plugins"), "Sluice.Sdk.dll", SearchOption.AllDirectories));

    [Theory]
    [InlineData("src/Sdk/Sluice.Sdk.csproj", "Sluice.Sdk.Analyzers", "Sluice.Sdk.CodeFixes")]
    [InlineData("src/Sdk.Analyzers/Sluice.Sdk.Analyzers.csproj")]
    [InlineData("src/Sdk.CodeFixes/Sluice.Sdk.CodeFixes.csproj", "Sluice.Sdk.Analyzers")]
    [InlineData("src/Engine/Sluice.Engine.csproj", "Sluice.Sdk")]
    [InlineData("src/Packages/Sluice.Packages.csproj", "Sluice.Engine")]
    [InlineData("src/Sdk.Testing/Sluice.Sdk.Testing.csproj", "Sluice.Sdk")]
    public void A_project_references_no_more_than_its_arrow_says(string project, params string[] allowed)
    {
        Assert.Empty(ProjectReferences(Path.Combine(SluiceProgram.RepositoryRoot, project)).Except(allowed));
    }

    [Fact]
    public void The_projects_of_plugins_reference_no_other_project_of_their_own()
    {
        foreach (var project in Directory.GetFiles(Path.Combine(SluiceProgram.RepositoryRoot, "plugins"), "*.csproj", SearchOption.AllDirectories))
        {
            Assert.Empty(ProjectReferences(project).Except(project.Contains(".Tests", StringComparison.Ordinal) ? ["Sluice.Sdk.Testing"] : []));
        }
    }

    private static IEnumerable<string> ProjectReferences(string project) => XDocument.Load(project).Descendants("ProjectReference")
        .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

    private static string[] References(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly)));
        var metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }

    private static bool IsOfTheRuntime(string name) =>
        name is "System" or "netstandard" or "mscorlib" || File.Exists(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, $"{name}.dll"));
}
