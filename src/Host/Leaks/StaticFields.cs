using System.Reflection;

namespace Sluice.Host.Leaks;

/// <summary>
/// Names the static fields of this process that may hold an object of a type. ClrMD can't: it does not know where .NET 9 and later keep
/// them.
/// </summary>
internal static class StaticFields
{
    private const int MostNamed = 3;
    private const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>
    /// Gets the fields declared with exactly that type; null if there are none, or too many to help. Runs no static constructor.
    /// </summary>
    /// <param name="type">The name of the type, as ClrMD writes it.</param>
    public static string? Named(string type)
    {
        var fields = from assembly in AppDomain.CurrentDomain.GetAssemblies()
                     where !assembly.IsCollectible && !assembly.IsDynamic
                     from declaring in TypesOf(assembly)
                     where !declaring.ContainsGenericParameters
                     from field in declaring.GetFields(Static)
                     where !field.IsLiteral && field.Name[0] != '<' && NameOf(field.FieldType) == type
                     select $"{declaring.FullName}.{field.Name}";
        var named = fields.Take(MostNamed + 1).ToList();
        return named.Count is > 0 and <= MostNamed ? string.Join(" or ", named) : null;
    }

    private static IEnumerable<Type> TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException incomplete)
        {
            return incomplete.Types.OfType<Type>();
        }
    }

    private static string NameOf(Type type)
    {
        if (type.IsArray)
        {
            return NameOf(type.GetElementType()!) + "[]";
        }

        var name = type.FullName ?? type.Name;
        return type.IsGenericType && !type.IsNested
            ? $"{name[..name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
            : name;
    }
}
