using System.Reflection;

namespace Sluice.Host;

/// <summary>The version of this program, without the commit it was built from.</summary>
internal static class ProductVersion
{
    /// <summary>All three parts; the assembly version has only major and minor.</summary>
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
