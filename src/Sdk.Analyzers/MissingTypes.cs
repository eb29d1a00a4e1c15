using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Sluice.Sdk.Analyzers;

/// <summary>Carries a JSON context and the types that it lacks from the analyzer to the code fix, as properties of the diagnostic.</summary>
internal static class MissingTypes
{
    private const string Context = "context";
    private const string Types = "types";

    public static ImmutableDictionary<string, string?> Write(INamedTypeSymbol context, ImmutableArray<ITypeSymbol> types) =>
        ImmutableDictionary<string, string?>.Empty
            .Add(Context, DocumentationCommentId.CreateDeclarationId(context))
            .Add(Types, string.Join("\n", types.Select(DocumentationCommentId.CreateReferenceId)));

    /// <summary>Reads the properties; null if the compilation does not have the context or a type any more.</summary>
    public static (INamedTypeSymbol Context, ImmutableArray<ITypeSymbol> Types)? Read(Diagnostic diagnostic, Compilation compilation)
    {
        if (diagnostic.Properties.TryGetValue(Context, out var context) && diagnostic.Properties.TryGetValue(Types, out var types)
            && DocumentationCommentId.GetFirstSymbolForDeclarationId(context!, compilation) is INamedTypeSymbol found)
        {
            var symbols = types!.Split('\n').Select(id => DocumentationCommentId.GetFirstSymbolForReferenceId(id, compilation)).ToImmutableArray();
            return symbols.All(symbol => symbol is ITypeSymbol) ? (found, [.. symbols.Cast<ITypeSymbol>()]) : null;
        }

        return null;
    }
}
