using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Mono.Cecil;
using Mono.Cecil.Rocks;

namespace Sluice.Host.Tests;

/// <summary>One name for one thing, across the engine, the package installer and the host.</summary>
public sealed partial class TypeNamesTests
{
    private static readonly string[] _assemblies = ["Sluice.Engine.dll", "Sluice.Packages.dll", "sluice.dll"];

    [Fact]
    public void No_two_types_have_the_same_simple_name()
    {
        var shared =
            from assembly in _assemblies
            from type in ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, assembly)).GetAllTypes()
            where IsWritten(type) && !IsCase(type)
            group Arity.Replace(type.FullName, "") by type.Name.Split('`')[0] into named
            where named.Distinct().Count() > 1
            select string.Join(" and ", named.Distinct());

        Assert.True(!shared.Any(), string.Join('\n', shared));
    }

    private static bool IsWritten(TypeDefinition type) =>
        !type.Name.StartsWith('<')
        && !type.CustomAttributes.Any(attribute => attribute.AttributeType.Name is nameof(CompilerGeneratedAttribute) or "GeneratedCodeAttribute")
        && (type.DeclaringType is { } around ? IsWritten(around) : type.Namespace.StartsWith("Sluice", StringComparison.Ordinal));

    // A case of a closed hierarchy is always written with the name of its base: JournalEntry.Replied, Answer.Replied.
    private static bool IsCase(TypeDefinition type) => type.DeclaringType is { } around && type.BaseType?.FullName == around.FullName;

    [GeneratedRegex(@"`\d+")]
    private static partial Regex Arity { get; }
}
