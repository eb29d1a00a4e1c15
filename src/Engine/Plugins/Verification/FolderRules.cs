using System.Collections.Immutable;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>One rule for plugin folders.</summary>
/// <param name="Name">Its name, kebab-case.</param>
/// <param name="Broken">Null where a folder keeps it; else what is wrong and how to mend it.</param>
internal sealed record FolderRule(string Name, Func<PluginFolder, string?> Broken);

/// <summary>What is checked in a plugin's folder before anything in it runs.</summary>
internal static class FolderRules
{
    /// <summary>The rule that everything in a folder is a regular file.</summary>
    public const string NotAFile = "not-a-file";

    // Each of these takes the ones above it for granted: the first that is broken is the answer.
    private static readonly ImmutableArray<FolderRule> _shape =
    [
        new("empty-folder", ShapeRules.Empty),
        new(NotAFile, folder => folder.Irregular),
        new("not-dotnet", ShapeRules.NotDotnet),
        new("target-framework", ShapeRules.TargetFramework),
        new("missing-deps", ShapeRules.MissingDeps),
        new("ambiguous-entry", ShapeRules.AmbiguousEntry),
        new("missing-entry", ShapeRules.MissingEntry),
        new("bad-deps", DependencyRules.Malformed),
    ];

    // These stand for themselves: all that are broken are told at once.
    private static readonly ImmutableArray<FolderRule> _content =
    [
        new("missing-file", DependencyRules.MissingFile),
        new("sdk-missing", SdkRules.Missing),
        new("sdk-newer", SdkRules.Newer),
        new("shared-newer", SharedRules.Newer),
        new("sdk-copy", SdkRules.Copy),
    ];

    /// <summary>The rules that a folder breaks where its plugin is to run in the host.</summary>
    public static ImmutableArray<Rejection> Check(PluginFolder folder) => Check(folder, [.. _content, .. ForbiddenRules.All]);

    /// <summary>The rules that a folder breaks where its plugin is to run in a process of its own, which ends with it: nothing has to be unloaded.</summary>
    public static ImmutableArray<Rejection> CheckForProcess(PluginFolder folder) => Check(folder, _content);

    /// <summary>Why a plugin can run in a process of its own and not in the host; empty where it can run in both, or in neither.</summary>
    public static ImmutableArray<Rejection> ProcessOnly(PluginFolder folder) => CheckForProcess(folder).IsEmpty ? Check(folder) : [];

    private static ImmutableArray<Rejection> Check(PluginFolder folder, ImmutableArray<FolderRule> content)
    {
        var shape = _shape.Select(rule => Apply(rule, folder)).FirstOrDefault(rejection => rejection is not null);
        return shape is null ? [.. content.Select(rule => Apply(rule, folder)).OfType<Rejection>()] : [shape];
    }

    private static Rejection? Apply(FolderRule rule, PluginFolder folder) =>
        rule.Broken(folder) is { } message ? new Rejection(rule.Name, message) : null;
}
