using System.Collections.Immutable;

namespace Sluice.Engine.Plugins;

/// <summary>The result of loading a folder's content: a version, the reasons for a rejection, or nothing new.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Hash">The hash of its content; null if it could not be read.</param>
internal sealed record PluginAttempt(string Path, string? Hash)
{
    public string Folder => System.IO.Path.GetFileName(Path);

    /// <summary>Whether the host has processed this content before.</summary>
    public bool IsKnown { get; init; }

    public PluginVersion? Version { get; init; }

    /// <summary>The plugin's identity, if the attempt got that far.</summary>
    public PluginIdentity? Identity { get; init; }

    /// <summary>Counts the calls of its code that are no longer awaited; null if none was made.</summary>
    public WrittenOff? WrittenOff { get; init; }

    /// <summary>Refers to its code until it leaves memory; null if it was never loaded.</summary>
    public WeakReference? Trace { get; init; }

    public ImmutableArray<Rejection> Rejections { get; init; } = [];
}
