using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Sluice.Engine.Plugins.Verification;

namespace Sluice.Sdk.Testing;

/// <summary>The law that a host takes the plugin's folder: its own rules, held against what <c>dotnet publish</c> makes.</summary>
internal static class FolderLaw
{
    public static ImmutableArray<NodeLaw> All { get; } =
        [new("folder-clean", "The plugin's folder, as `dotnet publish` makes it, breaks none of the host's rules for folders.", CheckAsync)];

    private static async IAsyncEnumerable<string> CheckAsync(NodeUnderTest node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        if (node.Folder is not { } folder)
        {
            yield break;
        }

        if (!Directory.Exists(folder))
        {
            yield return $"There is no {folder}. Refer to the plugin's project, by ProjectReference, from a test project that refers to the package Sluice.Sdk.Testing: "
                + "the build then puts the folder there.";
            yield break;
        }

        var content = PluginFolder.Read(folder);
        var broken = content.Entry is { NeedsProcess: true } ? FolderRules.CheckForProcess(content) : FolderRules.Check(content);
        var cure = FolderRules.ProcessOnly(content).IsEmpty ? "" : " Or set <SluiceIsolation>process</SluiceIsolation> in the plugin's project, and hosts run it in a process of its own.";
        foreach (var rejection in broken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return $"{rejection.Rule}: {rejection.Message}{cure}";
        }
    }
}
