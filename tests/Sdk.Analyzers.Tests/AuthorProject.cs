using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Sluice.Sdk.CodeFixes;

namespace Sluice.Sdk.Analyzers.Tests;

/// <summary>A plugin's project in memory, with the generator of System.Text.Json, as the compiler and an editor see it.</summary>
internal sealed class AuthorProject : IDisposable
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private readonly AdhocWorkspace _workspace = new();
    private readonly ProjectId _project;

    public AuthorProject(params string[] files)
    {
        var info = ProjectInfo.Create(
            ProjectId.CreateNewId(), VersionStamp.Default, "Acme.Weather", "Acme.Weather", LanguageNames.CSharp,
            compilationOptions: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable),
            parseOptions: new CSharpParseOptions(LanguageVersion.Preview),
            metadataReferences: References,
            analyzerReferences: [Generator]);
        _project = _workspace.AddProject(info).Id;
        foreach (var (index, file) in files.Append(Usings).Index())
        {
            _workspace.AddDocument(_project, $"{index}.cs", SourceText.From(file));
        }
    }

    private static ImmutableArray<MetadataReference> References { get; } =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private static AnalyzerFileReference Generator { get; } = new(
        typeof(AuthorProject).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "JsonGenerator").Value!, new Loader());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Project Project => _workspace.CurrentSolution.GetProject(_project)!;

    /// <summary>The errors of the compiler and of the analyzer, as a build shows them: line, ID, text.</summary>
    public async Task<string[]> ErrorsAsync()
    {
        var compilation = (await Project.GetCompilationAsync(Token))!;
        var errors = compilation.GetDiagnostics(Token).Where(one => one.Severity is DiagnosticSeverity.Error);
        return [.. errors.Concat(await ReportedAsync()).Select(Text)];
    }

    /// <summary>The source text that the diagnostics are at.</summary>
    public async Task<string[]> PlacesAsync() =>
        [.. (await ReportedAsync()).Select(one => one.Location.SourceTree!.GetText(Token).ToString(one.Location.SourceSpan))];

    /// <summary>Applies the fix of the first diagnostic, and returns its title.</summary>
    public async Task<string> FixAsync()
    {
        var diagnostic = (await ReportedAsync())[0];
        var actions = new List<CodeAction>();
        await new JsonContextCodeFix().RegisterCodeFixesAsync(
            new CodeFixContext(Project.GetDocument(diagnostic.Location.SourceTree)!, diagnostic, (action, _) => actions.Add(action), Token));
        var only = Assert.Single(actions);
        var operation = Assert.IsType<ApplyChangesOperation>(Assert.Single(await only.GetOperationsAsync(Token)));
        operation.Apply(_workspace, Token);
        return only.Title;
    }

    public async Task<string> FileAsync(int index) => (await Project.Documents.Single(one => one.Name == $"{index}.cs").GetTextAsync(Token)).ToString();

    public void Dispose() => _workspace.Dispose();

    private async Task<ImmutableArray<Diagnostic>> ReportedAsync()
    {
        var compilation = (await Project.GetCompilationAsync(Token))!;
        return
        [
            .. (await compilation.WithAnalyzers([new JsonContextAnalyzer()]).GetAnalyzerDiagnosticsAsync(Token)).OrderBy(one => one.Location.SourceSpan.Start),
        ];
    }

    private static string Text(Diagnostic diagnostic) =>
        $"{diagnostic.Location.GetLineSpan().StartLinePosition.Line + 1} {diagnostic.Id}: {diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}";

    private sealed class Loader : IAnalyzerAssemblyLoader
    {
        public void AddDependencyLocation(string fullPath)
        {
        }

        public Assembly LoadFromPath(string fullPath) => Assembly.LoadFrom(fullPath);
    }
}
