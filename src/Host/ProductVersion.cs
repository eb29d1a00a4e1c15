using System.Reflection;

namespace Sluice.Host;

/// <summary>The version of Sluice that this program is, without the commit it was built from.</summary>
internal static class ProductVersion
{
    /// <summary>All three parts: those of the assembly's own version end after the minor one.</summary>
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
