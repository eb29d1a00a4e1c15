using System.Collections.Immutable;
using System.Text.Json;

namespace Sluice.Host.Cli.Dev;

/// <summary>A recorded compiler invocation, which rebuilds a project if only its code has changed.</summary>
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

    /// <summary>Gets the invocation from MSBuild, and checks that it produces what was published.</summary>
    /// <param name="project">The project file.</param>
    /// <param name="published">The folder that it was just published to.</param>
    /// <param name="compiler">The compiler server.</param>
    /// <param name="cancellationToken">Cancels the recording.</param>
    /// <returns>Null if the invocation produces something else, or could not be determined.</returns>
    public static async Task<Compilation?> RecordAsync(string project, string published, CompilerServer compiler, CancellationToken cancellationToken)
    {
        try
        {
            // Editors learn the same way how a file is compiled: a build up to the compiler, which then only reports its arguments.
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
            // Without a recorded invocation every build is a publish.
            return null;
        }
    }

    /// <summary>Whether the changes are all to source files of the invocation, none added or deleted.</summary>
    public bool Covers(IEnumerable<string> changes) => changes.All(path => _sources.Contains(path) && File.Exists(path));

    public Task<DotnetResult> RunAsync(CompilerServer compiler, CancellationToken cancellationToken) =>
        compiler.CompileAsync(_compilers, _directory, _responseFile, cancellationToken);

    /// <summary>Copies the outputs to where a publish put them before.</summary>
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

    // The code has not changed since the publish, so the outputs must not either. Restore the build's own outputs afterwards: otherwise the
    // next build would treat the compiler's as its own.
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

    // An absolute path looks like an option, except that none of our paths has a colon.
    private static bool IsSource(string argument) =>
        !argument.StartsWith('/') || (argument.EndsWith(".cs", StringComparison.OrdinalIgnoreCase) && !argument.Contains(':'));

    private string FullPath(string path) => Path.GetFullPath(path.Trim('"'), _directory);

    private static string? ValueOf(IEnumerable<string> arguments, string option) =>
        arguments.LastOrDefault(argument => argument.StartsWith(option, StringComparison.Ordinal))?[option.Length..].Trim('"');

    private static string Quoted(string argument) => argument.Contains(' ') && !argument.Contains('"') ? $"\"{argument}\"" : argument;
}
