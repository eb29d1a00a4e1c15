using System.Collections.Immutable;

namespace Sluice.Engine.Plugins.Verification;

/// <summary>One rule for plugin folders.</summary>
/// <param name="Name">Its name in kebab case.</param>
/// <param name="Broken">Returns null if a folder follows the rule; otherwise what is wrong and how to fix it.</param>
internal sealed record FolderRule(string Name, Func<PluginFolder, string?> Broken);

/// <summary>Checks a plugin's folder before anything in it runs.</summary>
internal static class FolderRules
{
    /// <summary>The rule that a folder contains only regular files.</summary>
    public const string NotAFile = "not-a-file";

    // Each rule depends on those before it, so only the first broken one is reported.
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

    // These rules are independent: all broken ones are reported together.
    private static readonly ImmutableArray<FolderRule> _content =
    [
        new("missing-file", DependencyRules.MissingFile),
        new("sdk-missing", SdkRules.Missing),
        new("sdk-newer", SdkRules.Newer),
        new("shared-newer", SharedRules.Newer),
        new("sdk-copy", SdkRules.Copy),
    ];

    /// <summary>Returns the rules that a folder breaks if its plugin runs in the host.</summary>
    public static ImmutableArray<Rejection> Check(PluginFolder folder) => Check(folder, [.. _content, .. ForbiddenRules.All]);

    /// <summary>Returns the rules that a folder breaks if its plugin runs in a separate process, which never has to be unloaded.</summary>
    public static ImmutableArray<Rejection> CheckForProcess(PluginFolder folder) => Check(folder, _content);

    /// <summary>
    /// Returns why a plugin can run in a separate process but not in the host; empty if it can run in both or in neither.
    /// </summary>
    public static ImmutableArray<Rejection> ProcessOnly(PluginFolder folder) => CheckForProcess(folder).IsEmpty ? Check(folder) : [];

    private static ImmutableArray<Rejection> Check(PluginFolder folder, ImmutableArray<FolderRule> content)
    {
        var shape = _shape.Select(rule => Apply(rule, folder)).FirstOrDefault(rejection => rejection is not null);
        return shape is null ? [.. content.Select(rule => Apply(rule, folder)).OfType<Rejection>()] : [shape];
    }

    private static Rejection? Apply(FolderRule rule, PluginFolder folder) =>
        rule.Broken(folder) is { } message ? new Rejection(rule.Name, message) : null;
}
