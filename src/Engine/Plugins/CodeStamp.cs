using System.Reflection;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins;

/// <summary>Names the code that checks things here. What it found right may be kept across starts; what other code found right is checked again.</summary>
internal static class CodeStamp
{
    /// <summary>The builds of the engine and of the SDK, and the runtime, which writes the schemas of nodes.</summary>
    public static string Current { get; } =
        $"{BuildOf(typeof(CodeStamp).Assembly)}-{BuildOf(typeof(INode).Assembly)}-{Environment.Version}";

    private static string BuildOf(Assembly assembly) => assembly.ManifestModule.ModuleVersionId.ToString("N");
}
