using System.Runtime.CompilerServices;
using Sluice.Engine.Embedding;
using Sluice.Sdk.Tests;

namespace Sluice.Engine.Tests;

/// <summary>Pins the public surface of the engine, so that a change of it shows in the diff of a text file.</summary>
public sealed class PublicSurfaceTests
{
    private const string Accept = "SLUICE_ACCEPT_SURFACE";

    [Fact]
    public async Task The_public_surface_is_the_pinned_one()
    {
        var file = Path.Combine(Folder(), "PublicSurface", "Sluice.Engine.txt");
        var surface = PublicSurface.Of(typeof(IWorkflowEngine).Assembly);
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            await File.WriteAllTextAsync(file, surface, TestContext.Current.CancellationToken);
        }

        var pinned = File.Exists(file) ? await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken) : "";

        Assert.True(pinned == surface, $"""
            The public surface of Sluice.Engine is not the pinned one.
            A member that is gone or changed breaks programs that embed the engine: put it back, or raise the major version.
            Where the change is meant, run this test once with {Accept}=1 and commit {Path.GetFileName(file)}.
            The surface now:
            {surface}
            """);
    }

    [Fact]
    public void Everything_public_is_in_the_folder_for_embedding() =>
        Assert.All(typeof(IWorkflowEngine).Assembly.GetExportedTypes(), type => Assert.Equal("Sluice.Engine.Embedding", type.Namespace));

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
