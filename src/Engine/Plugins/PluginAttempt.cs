using System.Collections.Immutable;

namespace Sluice.Engine.Plugins;

/// <summary>What came of the attempt to take on a folder's content: a version, the reasons why not, or nothing new.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Hash">The hash of its content; null where it could not be read.</param>
internal sealed record PluginAttempt(string Path, string? Hash)
{
    public string Folder => System.IO.Path.GetFileName(Path);

    /// <summary>Whether the host has dealt with this content before.</summary>
    public bool IsKnown { get; init; }

    public PluginVersion? Version { get; init; }

    public ImmutableArray<Rejection> Rejections { get; init; } = [];
}
