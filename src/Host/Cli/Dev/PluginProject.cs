using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Sluice.Host.Cli.Dev;

/// <summary>A plugin's project, built by the .NET SDK of the machine: as a whole where it must be, and by the compiler alone where only code was changed.</summary>
/// <remarks>
/// Publishing takes seconds, nearly all of them for finding out that nothing but one file is new. So the call of the compiler is recorded after a
/// publish, and repeated where nothing but the files that it names have changed since. That is right only where the recorded call gives, bit for
/// bit, what the publish gave, which is tried first: a project that weaves or signs its assembly afterwards is always published.
/// </remarks>
/// <param name="project">The project file.</param>
internal sealed partial class PluginProject(string project) : IAsyncDisposable
{
    private readonly string _directory = Path.GetDirectoryName(project)!;
    private readonly CompilerServer _compiler = new();
    private readonly CancellationTokenSource _ending = new();
    private ImmutableSortedDictionary<string, string>? _built;
    private Task<Compilation?> _recording = Task.FromResult<Compilation?>(null);

    /// <summary>How many builds were the compiler's alone.</summary>
    public int Compilations { get; private set; }

    /// <summary>Completes when it is known whether the next build may be the compiler's alone.</summary>
    public Task Recorded => _recording;

    /// <summary>Makes a folder hold exactly what publishing the project into it gives: what an operator would drop into <c>plugins/</c>.</summary>
    /// <returns>Null where it went well, else the errors.</returns>
    /// <exception cref="CommandException">There is no SDK.</exception>
    public async Task<string?> BuildAsync(string folder, CancellationToken cancellationToken)
    {
        // Before the build: what is saved while it runs is still to be built then.
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

            // What is no error in the code is one of this shortcut's.
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
        // Apart from the publish: what restoring writes is among the inputs of it.
        if (!isRestored && await DotnetTool.RunAsync(_directory, ["restore", project, "-property:Configuration=Debug", "--verbosity", "quiet"], cancellationToken) is { Succeeded: false } restored)
        {
            return restored.Failure;
        }

        // What was published before and would not be now must not stay.
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
        // While the author reads the reply.
        _recording = Task.Run(() => Compilation.RecordAsync(project, folder, _compiler, _ending.Token), CancellationToken.None);
        return null;
    }
}
