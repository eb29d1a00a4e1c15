using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Simplification;
using Sluice.Sdk.Analyzers;

namespace Sluice.Sdk.CodeFixes;

/// <summary>Adds the missing <c>[JsonSerializable]</c> attributes of a node to its JSON context.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class JsonContextCodeFix : CodeFixProvider
{
    private const string Attribute = "global::System.Text.Json.Serialization.JsonSerializable";

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [JsonContextAnalyzer.Id];

    // One fix adds all types of a node. Those of several nodes go to the same place, where a batch of edits would conflict.
    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => null;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.Project.GetCompilationAsync(context.CancellationToken).ConfigureAwait(false) is not { } compilation)
        {
            return;
        }

        foreach (var diagnostic in context.Diagnostics)
        {
            if (MissingTypes.Read(diagnostic, compilation) is var (json, types) && DeclarationOf(json, context.Document.Project.Solution) is var (document, declaration))
            {
                context.RegisterCodeFix(
                    CodeAction.Create(
                        $"Add {string.Join(" and ", types.Select(type => $"[JsonSerializable(typeof({type.Name}))]"))} to {json.Name}",
                        cancellationToken => AddAsync(document, declaration, types, cancellationToken),
                        equivalenceKey: json.Name),
                    diagnostic);
            }
        }
    }

    // The part that the author wrote: not the one that was generated, and not one in another assembly.
    private static (Document Document, SyntaxReference Declaration)? DeclarationOf(INamedTypeSymbol json, Solution solution)
    {
        foreach (var reference in json.DeclaringSyntaxReferences)
        {
            if (solution.GetDocument(reference.SyntaxTree) is { } document and not SourceGeneratedDocument)
            {
                return (document, reference);
            }
        }

        return null;
    }

    private static async Task<Document> AddAsync(
        Document document, SyntaxReference reference, ImmutableArray<ITypeSymbol> types, CancellationToken cancellationToken)
    {
        var editor = await DocumentEditor.CreateAsync(document, cancellationToken).ConfigureAwait(false);
        var declaration = (TypeDeclarationSyntax)await reference.GetSyntaxAsync(cancellationToken).ConfigureAwait(false);
        var lists = types.Select(type => SyntaxFactory.AttributeList(SyntaxFactory.SingletonSeparatedList(NewAttribute(type, editor.Generator)))).ToArray();
        editor.ReplaceNode(declaration, WithAttributes(declaration, lists));
        return editor.GetChangedDocument();
    }

    private static AttributeSyntax NewAttribute(ITypeSymbol type, SyntaxGenerator generator) => SyntaxFactory.Attribute(
        SyntaxFactory.ParseName(Attribute).WithAdditionalAnnotations(Simplifier.Annotation),
        SyntaxFactory.AttributeArgumentList(SyntaxFactory.SingletonSeparatedList(SyntaxFactory.AttributeArgument(
            SyntaxFactory.TypeOfExpression((TypeSyntax)generator.TypeExpression(type).WithAdditionalAnnotations(Simplifier.Annotation))))));

    // Each on a line of its own, after the attributes that are there, with the indentation of the declaration.
    private static TypeDeclarationSyntax WithAttributes(TypeDeclarationSyntax declaration, AttributeListSyntax[] added)
    {
        var leading = declaration.GetLeadingTrivia();
        var indentation = leading.Reverse().TakeWhile(trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia)).ToArray();
        var endOfLine = declaration.SyntaxTree.GetRoot().DescendantTrivia().FirstOrDefault(trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia));
        endOfLine = endOfLine.IsKind(SyntaxKind.EndOfLineTrivia) ? endOfLine : SyntaxFactory.LineFeed;
        var lines = added.Select(list => list.WithLeadingTrivia(indentation).WithTrailingTrivia(endOfLine)).ToArray();
        if (declaration.AttributeLists.Count > 0)
        {
            return declaration.WithAttributeLists(declaration.AttributeLists.AddRange(lines));
        }

        lines[0] = lines[0].WithLeadingTrivia(leading);
        return declaration.WithLeadingTrivia(indentation).WithAttributeLists([.. lines]);
    }
}
