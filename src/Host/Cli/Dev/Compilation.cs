using System.Collections.Immutable;
using System.Text.Json;

namespace Sluice.Host.Cli.Dev;

/// <summary>One recorded call of the compiler: what compiles a project's code where nothing else of it has changed.</summary>
internal sealed class Compilation
{
    private readonly string _directory;
    private readonly string _compilers;
    private readonly string _responseFile;
    private readonly ImmutableHashSet<string> _sources;
    private readonly ImmutableArray<string> _outputs;

    private Compilation(string directory, string compilers, ImmutableArray<string> arguments)
    {
        _directory = directory;
        _compilers = compilers;
        _responseFile = Path.Combine(directory, "obj", "sluice-dev.rsp");
        _sources = [.. arguments.Where(IsSource).Select(source => FullPath(source))];
        _outputs = OutputsOf(arguments);
        File.WriteAllLines(_responseFile, arguments.Where(argument => argument != "/noconfig").Select(Quoted));
    }

    /// <summary>Asks MSBuild for the call, and tries whether it gives what was published.</summary>
    /// <param name="project">The project file.</param>
    /// <param name="published">The folder that it was published into a moment ago.</param>
    /// <param name="compiler">What compiles.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Null where the call gives something else, or there is none to be had.</returns>
    public static async Task<Compilation?> RecordAsync(string project, string published, CompilerServer compiler, CancellationToken cancellationToken)
    {
        try
        {
            // What editors do to learn how a file is compiled: everything up to the compiler, which then only says how it was to be called.
            string[] arguments =
            [
                "msbuild", project, "-nologo", "-target:Compile", "-property:Configuration=Debug;SkipCompilerExecution=true;ProvideCommandLineArgs=true",
                "-property:NonExistentFile=none;BuildProjectReferences=false", "-getItem:CscCommandLineArgs", "-getProperty:RoslynTargetsPath",
            ];
            var result = await DotnetTool.RunAsync(Path.GetDirectoryName(project)!, arguments, cancellationToken);
            return result.Succeeded && Read(project, result.Output) is { } recorded && await recorded.IsFaithfulAsync(published, compiler, cancellationToken) ? recorded : null;
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or UnauthorizedAccessException or JsonException)
        {
            // Without it each build is a publish.
            return null;
        }
    }

    /// <summary>Whether files of the call are all that changed, none of them added or gone.</summary>
    public bool Covers(IEnumerable<string> changes) => changes.All(path => _sources.Contains(path) && File.Exists(path));

    public Task<DotnetResult> RunAsync(CompilerServer compiler, CancellationToken cancellationToken) =>
        compiler.CompileAsync(_compilers, _directory, _responseFile, cancellationToken);

    /// <summary>Copies what was compiled to where a publish has put it before.</summary>
    public void Place(string published)
    {
        foreach (var output in _outputs)
        {
            if (Path.Combine(published, Path.GetFileName(output)) is var target && File.Exists(target))
            {
                File.Copy(output, target, overwrite: true);
            }
        }
    }

    private static Compilation? Read(string project, string json)
    {
        using var document = JsonDocument.Parse(json);
        var targets = document.RootElement.GetProperty("Properties").GetProperty("RoslynTargetsPath").GetString()!;
        var arguments = document.RootElement.GetProperty("Items").GetProperty("CscCommandLineArgs").EnumerateArray()
            .Select(item => item.GetProperty("Identity").GetString()!).ToImmutableArray();
        var compilers = Path.GetFullPath(Path.Combine(targets, "bincore"));
        return arguments.IsEmpty || !File.Exists(Path.Combine(compilers, "csc.dll")) ? null : new Compilation(Path.GetDirectoryName(project)!, compilers, arguments);
    }

    // The code has not changed since the publish, so the outputs must not either. If they do, what the build itself made of them is put back: its
    // next one would take the compiler's for its own.
    private async Task<bool> IsFaithfulAsync(string published, CompilerServer compiler, CancellationToken cancellationToken)
    {
        var before = _outputs.Where(File.Exists).Select(path => (Path: path, Bytes: File.ReadAllBytes(path), Written: File.GetLastWriteTimeUtc(path))).ToList();
        var isFaithful = before.Exists(output => IsPublished(output.Path, output.Bytes, published))
            && (await RunAsync(compiler, cancellationToken)).Succeeded
            && before.TrueForAll(output => File.ReadAllBytes(output.Path).AsSpan().SequenceEqual(output.Bytes));
        foreach (var (path, bytes, written) in before)
        {
            await File.WriteAllBytesAsync(path, bytes, CancellationToken.None);
            File.SetLastWriteTimeUtc(path, written);
        }

        return isFaithful;
    }

    private static bool IsPublished(string output, byte[] bytes, string published) =>
        output.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
        && Path.Combine(published, Path.GetFileName(output)) is var target
        && File.Exists(target) && File.ReadAllBytes(target).AsSpan().SequenceEqual(bytes);

    private ImmutableArray<string> OutputsOf(ImmutableArray<string> arguments)
    {
        var assembly = FullPath(ValueOf(arguments, "/out:") ?? "");
        string?[] others = [ValueOf(arguments, "/pdb:") ?? Path.ChangeExtension(assembly, ".pdb"), ValueOf(arguments, "/doc:")];
        return [assembly, .. others.OfType<string>().Select(path => FullPath(path))];
    }

    // An absolute path looks like an option, but for the colon that no path of ours has.
    private static bool IsSource(string argument) =>
        !argument.StartsWith('/') || (argument.EndsWith(".cs", StringComparison.OrdinalIgnoreCase) && !argument.Contains(':'));

    private string FullPath(string path) => Path.GetFullPath(path.Trim('"'), _directory);

    private static string? ValueOf(IEnumerable<string> arguments, string option) =>
        arguments.LastOrDefault(argument => argument.StartsWith(option, StringComparison.Ordinal))?[option.Length..].Trim('"');

    private static string Quoted(string argument) => argument.Contains(' ') && !argument.Contains('"') ? $"\"{argument}\"" : argument;
}
