using System.Globalization;

namespace Sluice.Host.Cli.Dev;

/// <summary>
/// A private compiler server (VBCSCompiler of the .NET SDK), which keeps the compiler, its analyzers and the references warm between calls.
/// </summary>
internal sealed class CompilerServer : IAsyncDisposable
{
    // Longer than an author thinks between two saves; after that the next save restarts it.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromMinutes(30);

    private readonly string _pipe = $"sluice-dev-{Guid.NewGuid():N}";
    private string? _directory;
    private string? _project;

    /// <summary>The property that makes MSBuild compile with this server, instead of one that it starts and leaves running.</summary>
    public string BuildProperty => $"-property:SharedCompilationId={_pipe}";

    /// <summary>Records that a build has started the server.</summary>
    /// <param name="project">The project that was built; it determines the compiler.</param>
    public void NoteBuild(string project) => _project = project;

    /// <summary>Calls the compiler, which starts the server if none runs, and compiles in process if none can be started.</summary>
    /// <param name="compilers">The folder of the SDK's compilers.</param>
    /// <param name="directory">The base of the relative paths in the call.</param>
    /// <param name="responseFile">The arguments, one per line.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<DotnetResult> CompileAsync(string compilers, string directory, string responseFile, CancellationToken cancellationToken)
    {
        _directory = compilers;
        var keepAlive = KeepAlive.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return DotnetTool.RunAsync(
            directory, [Path.Combine(compilers, "csc.dll"), "/noconfig", "/nologo", $"/shared:{_pipe}", $"/keepalive:{keepAlive}", "@" + responseFile], cancellationToken);
    }

    /// <summary>Stops the server.</summary>
    public async ValueTask DisposeAsync()
    {
        if ((_directory ?? await FindCompilersAsync()) is { } compilers)
        {
            await DotnetTool.RunAsync(compilers, [Path.Combine(compilers, "VBCSCompiler.dll"), "-shutdown", $"-pipename:{_pipe}"], CancellationToken.None);
        }
    }

    // If there were only builds, the compiler was never called directly, so its path is unknown.
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
