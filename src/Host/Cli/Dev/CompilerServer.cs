using System.Globalization;

namespace Sluice.Host.Cli.Dev;

/// <summary>A compiler server (VBCSCompiler of the .NET SDK) of one's own, which keeps the compiler, its analyzers and the references warm between calls.</summary>
internal sealed class CompilerServer : IAsyncDisposable
{
    // Longer than anybody thinks between two saves; after that the next save starts it anew.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromMinutes(30);

    private readonly string _pipe = $"sluice-dev-{Guid.NewGuid():N}";
    private string? _directory;
    private string? _project;

    /// <summary>The property by which MSBuild compiles with this server too, in place of one that it starts and leaves behind.</summary>
    public string BuildProperty => $"-property:SharedCompilationId={_pipe}";

    /// <summary>Says that a build has started the server.</summary>
    /// <param name="project">The project that was built, which names the compiler.</param>
    public void NoteBuild(string project) => _project = project;

    /// <summary>Calls the compiler, which starts the server where none runs, and compiles by itself where none can.</summary>
    /// <param name="compilers">The folder with the SDK's compilers.</param>
    /// <param name="directory">What the paths in the call are relative to.</param>
    /// <param name="responseFile">The arguments, one a line.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<DotnetResult> CompileAsync(string compilers, string directory, string responseFile, CancellationToken cancellationToken)
    {
        _directory = compilers;
        var keepAlive = KeepAlive.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return DotnetTool.RunAsync(
            directory, [Path.Combine(compilers, "csc.dll"), "/noconfig", "/nologo", $"/shared:{_pipe}", $"/keepalive:{keepAlive}", "@" + responseFile], cancellationToken);
    }

    /// <summary>Ends the server.</summary>
    public async ValueTask DisposeAsync()
    {
        if ((_directory ?? await FindCompilersAsync()) is { } compilers)
        {
            await DotnetTool.RunAsync(compilers, [Path.Combine(compilers, "VBCSCompiler.dll"), "-shutdown", $"-pipename:{_pipe}"], CancellationToken.None);
        }
    }

    // A build was all there was before the end, so the compiler was never called by name.
    private async Task<string?> FindCompilersAsync()
    {
        if (_project is null)
        {
            return null;
        }

        var found = await DotnetTool.RunAsync(
            Path.GetDirectoryName(_project)!, ["msbuild", _project, "-nologo", "-getProperty:RoslynTargetsPath"], CancellationToken.None);
        return found.Succeeded ? Path.Combine(found.Output.Trim(), "bincore") : null;
    }
}
