using System.Reflection;
using System.Runtime.CompilerServices;
using Sluice.Sdk.Testing;

namespace Sluice.Sdk.Tests;

/// <summary>Pins the public surface of the SDK, so that a change of it shows in the diff of a text file.</summary>
public sealed class PublicSurfaceTests
{
    private const string Accept = "SLUICE_ACCEPT_SURFACE";

    [Theory]
    [InlineData(typeof(INode))]
    [InlineData(typeof(NodeContract))]
    public async Task The_public_surface_is_the_pinned_one(Type oneOfItsTypes)
    {
        var assembly = oneOfItsTypes.Assembly;
        var file = Path.Combine(Folder(), "PublicSurface", $"{assembly.GetName().Name}.txt");
        var surface = PublicSurface.Of(assembly);
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            await File.WriteAllTextAsync(file, surface, TestContext.Current.CancellationToken);
        }

        var pinned = File.Exists(file) ? await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken) : "";

        Assert.True(pinned == surface, $"""
            The public surface of {assembly.GetName().Name} is not the pinned one.
            A member that is gone or changed breaks every plugin that was built against it: put it back, or raise the major version.
            A new member is fine on a class; on an interface it needs a default implementation.
            Where the change is meant, run these tests once with {Accept}=1 and commit {Path.GetFileName(file)}.
            {Difference(pinned, surface)}
            """);
    }

    [Fact]
    public void The_sdk_references_the_framework_and_the_logging_abstractions_only() =>
        Assert.All(
            typeof(INode).Assembly.GetReferencedAssemblies(),
            reference => Assert.True(
                reference.Name!.StartsWith("System.", StringComparison.Ordinal) || reference.Name == "Microsoft.Extensions.Logging.Abstractions",
                $"{reference.Name} would become the host's for every plugin."));

    [Fact]
    public void The_assembly_version_changes_with_major_and_minor_only()
    {
        var version = typeof(INode).Assembly.GetName().Version!;

        Assert.Equal((0, 0), (version.Build, version.Revision));
    }

    private static string Difference(string pinned, string surface)
    {
        var (before, after) = (pinned.Split('\n'), surface.Split('\n'));
        return string.Join('\n', [.. before.Except(after).Select(line => $"- {line}"), .. after.Except(before).Select(line => $"+ {line}")]);
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
