using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Sluice.Sdk.Analyzers;

/// <summary>Reports config and output types of a node that the JSON context in its base call does not contain.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class JsonContextAnalyzer : DiagnosticAnalyzer
{
    /// <summary>The ID of the diagnostic; documented in docs/reference/build-errors.md.</summary>
    public const string Id = "SLUICE005";

    private static readonly DiagnosticDescriptor Rule = new(
        Id,
        "A type of a node is missing in its JSON context",
        "'{0}' does not contain '{1}'. Add [JsonSerializable(typeof({1}))] to '{0}'.",
        "Sluice",
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        "A node reads its config and writes its output with a source-generated JsonSerializerContext. A host rejects a plugin with a node whose context does not contain both types.");

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Rule];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (KnownTypes.Of(start.Compilation) is { } types)
            {
                // A class with several constructors passes its context several times.
                var reported = new ConcurrentDictionary<Location, bool>();
                start.RegisterSyntaxNodeAction(
                    node => Analyze(node, types, reported), SyntaxKind.PrimaryConstructorBaseType, SyntaxKind.BaseConstructorInitializer);
            }
        });
    }

    private static void Analyze(SyntaxNodeAnalysisContext context, KnownTypes types, ConcurrentDictionary<Location, bool> reported)
    {
        var arguments = context.Node switch
        {
            PrimaryConstructorBaseTypeSyntax baseType => baseType.ArgumentList,
            ConstructorInitializerSyntax initializer => initializer.ArgumentList,
            _ => null,
        };
        if (arguments is null || context.Node.FirstAncestorOrSelf<TypeDeclarationSyntax>() is not { } declaration
            || context.SemanticModel.GetDeclaredSymbol(declaration, context.CancellationToken) is not { } node
            || types.NodeBaseOf(node) is not { } nodeBase
            || ContextIn(arguments, context, types) is not { } json)
        {
            return;
        }

        var missing = nodeBase.TypeArguments.Where(type => IsConcrete(type) && !types.Contains(json, type)).ToImmutableArray();
        if (missing.IsEmpty)
        {
            return;
        }

        var properties = MissingTypes.Write(json, missing);
        foreach (var type in missing)
        {
            var location = PlaceOf(type, declaration, context);
            if (reported.TryAdd(location, true))
            {
                context.ReportDiagnostic(Diagnostic.Create(Rule, location, properties, Short(json), Short(type)));
            }
        }

        string Short(ITypeSymbol type) => type.ToMinimalDisplayString(context.SemanticModel, declaration.SpanStart);
    }

    private static INamedTypeSymbol? ContextIn(ArgumentListSyntax arguments, SyntaxNodeAnalysisContext context, KnownTypes types) =>
        arguments.Arguments
            .SelectMany(argument => TypesOf(argument.Expression, context))
            .OfType<INamedTypeSymbol>()
            .FirstOrDefault(types.IsContext);

    // The generator skips a context without any attribute: then there is no `Json.Default`, only `Json`.
    private static IEnumerable<ISymbol?> TypesOf(ExpressionSyntax expression, SyntaxNodeAnalysisContext context)
    {
        yield return context.SemanticModel.GetTypeInfo(expression, context.CancellationToken).Type;
        if (expression is MemberAccessExpressionSyntax member)
        {
            yield return context.SemanticModel.GetSymbolInfo(member.Expression, context.CancellationToken).Symbol;
        }
    }

    // What a generic base class leaves open is known only where it is derived from.
    private static bool IsConcrete(ITypeSymbol type) => type switch
    {
        IErrorTypeSymbol or ITypeParameterSymbol => false,
        IArrayTypeSymbol array => IsConcrete(array.ElementType),
        INamedTypeSymbol named => named.TypeArguments.All(IsConcrete),
        _ => true,
    };

    // The type argument in the list of base types, which is where its author wrote it, or else the base type.
    private static Location PlaceOf(ITypeSymbol type, TypeDeclarationSyntax declaration, SyntaxNodeAnalysisContext context)
    {
        var bases = declaration.BaseList?.Types.Select(one => one.Type).ToImmutableArray() ?? [];
        var argument = bases
            .SelectMany(one => one.DescendantNodesAndSelf().OfType<GenericNameSyntax>().Take(1))
            .SelectMany(generic => generic.TypeArgumentList.Arguments)
            .FirstOrDefault(one => SymbolEqualityComparer.Default.Equals(context.SemanticModel.GetTypeInfo(one, context.CancellationToken).Type, type));
        return (argument ?? bases.FirstOrDefault())?.GetLocation() ?? declaration.Identifier.GetLocation();
    }
}
