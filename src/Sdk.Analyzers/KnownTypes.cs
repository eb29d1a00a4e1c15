using Microsoft.CodeAnalysis;

namespace Sluice.Sdk.Analyzers;

/// <summary>The types of a compilation that the analyzer looks for.</summary>
internal sealed class KnownTypes
{
    private readonly INamedTypeSymbol _node;
    private readonly INamedTypeSymbol _context;
    private readonly INamedTypeSymbol _serializable;
    private readonly INamedTypeSymbol _typeInfo;

    private KnownTypes(INamedTypeSymbol node, INamedTypeSymbol context, INamedTypeSymbol serializable, INamedTypeSymbol typeInfo) =>
        (_node, _context, _serializable, _typeInfo) = (node, context, serializable, typeInfo);

    /// <summary>Finds the types; null if the compilation does not reference the SDK.</summary>
    public static KnownTypes? Of(Compilation compilation) =>
        compilation.GetTypeByMetadataName("Sluice.Sdk.Node`2") is { } node
        && compilation.GetTypeByMetadataName("System.Text.Json.Serialization.JsonSerializerContext") is { } context
        && compilation.GetTypeByMetadataName("System.Text.Json.Serialization.JsonSerializableAttribute") is { } serializable
        && compilation.GetTypeByMetadataName("System.Text.Json.Serialization.Metadata.JsonTypeInfo`1") is { } typeInfo
            ? new KnownTypes(node, context, serializable, typeInfo)
            : null;

    /// <summary>Finds the <c>Node&lt;TConfig, TOutput&gt;</c> that a class derives from; null if it is not a node.</summary>
    public INamedTypeSymbol? NodeBaseOf(INamedTypeSymbol type)
    {
        for (var one = type.BaseType; one is not null; one = one.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(one.OriginalDefinition, _node))
            {
                return one;
            }
        }

        return null;
    }

    /// <summary>Returns whether a type is a JSON context of an author.</summary>
    public bool IsContext(INamedTypeSymbol type) => SymbolEqualityComparer.Default.Equals(type.BaseType, _context);

    /// <summary>
    /// Returns whether a context contains a type: by an attribute, or because the generator of System.Text.Json found it in another type and
    /// generated a property for it.
    /// </summary>
    public bool Contains(INamedTypeSymbol context, ITypeSymbol type) =>
        context.GetAttributes().Any(attribute => IsFor(attribute, type))
        || context.GetMembers().OfType<IPropertySymbol>().Any(property => IsInfoOf(property.Type, type));

    private bool IsFor(AttributeData attribute, ITypeSymbol type) =>
        SymbolEqualityComparer.Default.Equals(attribute.AttributeClass, _serializable)
        && attribute.ConstructorArguments.Length == 1
        && attribute.ConstructorArguments[0].Value is ITypeSymbol declared
        && SymbolEqualityComparer.Default.Equals(declared, type);

    private bool IsInfoOf(ITypeSymbol property, ITypeSymbol type) =>
        property is INamedTypeSymbol { TypeArguments.Length: 1 } info
        && SymbolEqualityComparer.Default.Equals(info.OriginalDefinition, _typeInfo)
        && SymbolEqualityComparer.Default.Equals(info.TypeArguments[0], type);
}
