using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Sluice.Engine.Plugins.Verification;

namespace Sluice.Sdk.Testing;

/// <summary>The law about the plugin's folder: the output of <c>dotnet publish</c> is checked against the rules of the host.</summary>
internal static class FolderLaw
{
    public static ImmutableArray<NodeLaw> All { get; } =
        [new("folder-clean", "The plugin's folder, as written by `dotnet publish`, follows the host's rules for folders.", CheckAsync)];

    private static async IAsyncEnumerable<string> CheckAsync(NodeUnderTest node, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        if (node.Folder is not { } folder)
        {
            yield break;
        }

        if (!Directory.Exists(folder))
        {
            yield return $"{folder} does not exist. Add a ProjectReference to the plugin to a test project that references the package Sluice.Sdk.Testing. "
                + "The build then creates the folder.";
            yield break;
        }

        var content = PluginFolder.Read(folder);
        var broken = content.Entry is { NeedsProcess: true } ? FolderRules.CheckForProcess(content) : FolderRules.Check(content);
        var cure = FolderRules.ProcessOnly(content).IsEmpty ? "" : " Or set <SluiceIsolation>process</SluiceIsolation> in the plugin's project to run it in its own process.";
        foreach (var rejection in broken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return $"{rejection.Rule}: {rejection.Message}{cure}";
        }
    }
}
