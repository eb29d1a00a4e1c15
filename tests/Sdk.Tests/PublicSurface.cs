using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Sluice.Sdk.Tests;

/// <summary>Writes the public surface of an assembly as text: a type a block, a member a line, sorted. What the compiler adds to records is left out.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().SelectMany(WithProtected).OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Header(type)).Append('\n');
            foreach (var line in Members(type).Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(line).Append('\n');
            }
        }

        return text.ToString();
    }

    // Exported types do not include the protected types in them, which a derived class sees.
    private static IEnumerable<Type> WithProtected(Type type) =>
        [type, .. type.GetNestedTypes(BindingFlags.NonPublic).Where(nested => nested.IsNestedFamily || nested.IsNestedFamORAssem)];

    private static string Header(Type type)
    {
        var kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : "class";
        var modifier = kind != "class" ? "" : type is { IsAbstract: true, IsSealed: true } ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "";
        var bases = new[] { type.BaseType }.Concat(type.GetInterfaces())
            .Where(one => one is not null && one.IsVisible && one != typeof(object) && one != typeof(ValueType) && one != typeof(Enum))
            .Where(one => !type.IsEnum && !(one!.IsGenericType && one.GetGenericTypeDefinition() == typeof(IEquatable<>)))
            .Select(one => Name(one!)).ToArray();
        return $"{modifier}{kind} {type.Namespace}.{Name(type)}{(bases.Length == 0 ? "" : $" : {string.Join(", ", bases)}")}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), System.Globalization.CultureInfo.InvariantCulture)}");
        }

        return type.GetConstructors(Declared).Where(IsSeen).Select(member => $"{Access(member)}new({Parameters(member)})")
            .Concat(type.GetMethods(Declared).Where(member => IsSeen(member) && !IsAccessor(member)).Select(Method))
            .Concat(type.GetProperties(Declared).Where(member => IsSeen(member.GetMethod ?? member.SetMethod!)).Select(Property))
            .Concat(type.GetFields(Declared).Where(member => member.IsPublic).Select(member => $"{Name(member.FieldType)} {member.Name}{(member.IsLiteral ? $" = {member.GetRawConstantValue()}" : "")}"));
    }

    // Accessors are told with their property; what the compiler writes for records follows from their constructor.
    private static bool IsAccessor(MethodInfo method) =>
        (method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal)) || method.IsDefined(typeof(CompilerGeneratedAttribute));

    private static bool IsSeen(MethodBase method) => (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly) && method.Name != "EqualityContract" && method.Name != "get_EqualityContract";

    private static string Method(MethodInfo method)
    {
        var form = method.IsStatic ? "static " : method.DeclaringType!.IsInterface ? (method.IsAbstract ? "" : "default ") : method.IsAbstract ? "abstract " : method is { IsVirtual: true, IsFinal: false } ? "virtual " : "";
        return $"{Access(method)}{form}{Name(method.ReturnType)}{Mark(Nullability.Create(method.ReturnParameter))} {method.Name}{Generic(method)}({Parameters(method)})";
    }

    private static string Generic(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string Property(PropertyInfo property)
    {
        var isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ?? false;
        var set = property.SetMethod is not { } setter || !IsSeen(setter) ? "" : isInit ? " init;" : " set;";
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        return $"{Access(property.GetMethod ?? property.SetMethod!)}{required}{Name(property.PropertyType)}{Mark(Nullability.Create(property))} {property.Name} {{ get;{set} }}";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{Name(parameter.ParameterType)}{Mark(Nullability.Create(parameter))} {parameter.Name}{(parameter.HasDefaultValue ? $" = {parameter.DefaultValue ?? "default"}" : "")}"));

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Mark(NullabilityInfo info) => info is { ReadState: NullabilityState.Nullable, Type.IsValueType: false } ? "?" : "";

    private static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return $"{Name(inner)}?";
        }

        var name = type.IsNested && !type.IsGenericParameter ? $"{Name(type.DeclaringType!)}.{type.Name}" : type.Name;
        return name.IndexOf('`', StringComparison.Ordinal) is > 0 and var end ? $"{name[..end]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : name;
    }
}
