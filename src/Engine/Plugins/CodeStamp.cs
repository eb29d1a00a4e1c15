using System.Reflection;
using Sluice.Sdk;

namespace Sluice.Engine.Plugins;

/// <summary>
/// Identifies the code that runs the checks. Results of the same code can be reused at the next start; those of other code are checked
/// again.
/// </summary>
internal static class CodeStamp
{
    /// <summary>The builds of the engine and the SDK, and the runtime, which generates the schemas of nodes.</summary>
    public static string Current { get; } =
        $"{BuildOf(typeof(CodeStamp).Assembly)}-{BuildOf(typeof(INode).Assembly)}-{Environment.Version}";

    private static string BuildOf(Assembly assembly) => assembly.ManifestModule.ModuleVersionId.ToString("N");
}
