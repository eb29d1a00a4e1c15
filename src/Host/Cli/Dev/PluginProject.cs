using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Sluice.Host.Cli.Dev;

/// <summary>
/// A plugin project, built by the installed .NET SDK: in full when necessary, and by the compiler alone if only code has changed.
/// </summary>
/// <remarks>
/// Publishing takes seconds, almost all of them to find out that only one file is new. So the compiler invocation is recorded after a
/// publish, and repeated if only its source files have changed since. That is correct only if the recorded invocation produces, bit for
/// bit, what the publish produced. This is checked first: a project that weaves or signs its assembly afterwards is always published.
/// </remarks>
/// <param name="project">The project file.</param>
internal sealed partial class PluginProject(string project) : IAsyncDisposable
{
    private readonly string _directory = Path.GetDirectoryName(project)!;
    private readonly CompilerServer _compiler = new();
    private readonly CancellationTokenSource _ending = new();
    private ImmutableSortedDictionary<string, string>? _built;
    private Task<Compilation?> _recording = Task.FromResult<Compilation?>(null);

    /// <summary>The number of builds by the compiler alone.</summary>
    public int Compilations { get; private set; }

    /// <summary>Completes once it is known whether the next build may use the compiler alone.</summary>
    public Task Recorded => _recording;

    /// <summary>
    /// Makes a folder hold exactly what publishing the project into it produces: what an operator would copy to <c>plugins/</c>.
    /// </summary>
    /// <returns>Null on success, otherwise the errors.</returns>
    /// <exception cref="CommandException">The .NET SDK is not installed.</exception>
    public async Task<string?> BuildAsync(string folder, CancellationToken cancellationToken)
    {
        // Read before the build, so that a save during the build counts as a change.
        var inputs = ProjectInputs.Read(project);
        string[]? changes = _built is null ? null : [.. ProjectInputs.Changes(_built, inputs)];
        if (changes is [])
        {
            return null;
        }

        if (changes is not null && await _recording.WaitAsync(cancellationToken) is { } compilation && compilation.Covers(changes))
        {
            var result = await compilation.RunAsync(_compiler, cancellationToken);
            if (result.Succeeded)
            {
                compilation.Place(folder);
                _built = inputs;
                Compilations++;
                return null;
            }

            // Any other failure may be caused by this shortcut: publish instead.
            if (ErrorInCode.IsMatch(result.Output))
            {
                return result.Failure;
            }
        }

        return await PublishAsync(folder, isRestored: changes is not null && Array.TrueForAll(changes, IsCode), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _recording.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await _compiler.DisposeAsync();
        _ending.Dispose();
    }

    [GeneratedRegex(@"\berror [A-Z]+[0-9]+:")]
    private static partial Regex ErrorInCode { get; }

    private static bool IsCode(string path) => path.EndsWith(".cs", StringComparison.OrdinalIgnoreCase);

    private async Task<string?> PublishAsync(string folder, bool isRestored, CancellationToken cancellationToken)
    {
        _recording = Task.FromResult<Compilation?>(null);
        // Restore separately: the files it writes are inputs of the publish.
        if (!isRestored && await DotnetTool.RunAsync(_directory, ["restore", project, "-property:Configuration=Debug", "--verbosity", "quiet"], cancellationToken) is { Succeeded: false } restored)
        {
            return restored.Failure;
        }

        // Files of an earlier publish must not stay.
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        var inputs = ProjectInputs.Read(project);
        string[] arguments = ["publish", project, "--no-restore", "--output", folder, "--configuration", "Debug", "--verbosity", "quiet", "--nologo", _compiler.BuildProperty];
        _compiler.NoteBuild(project);
        var result = await DotnetTool.RunAsync(_directory, arguments, cancellationToken);
        if (!result.Succeeded)
        {
            return result.Failure;
        }

        _built = inputs;
        // Record in the background, while the author reads the reply.
        _recording = Task.Run(() => Compilation.RecordAsync(project, folder, _compiler, _ending.Token), CancellationToken.None);
        return null;
    }
}
