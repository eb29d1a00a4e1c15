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

    /// <summary>What it is, as far as the attempt came to know it.</summary>
    public PluginIdentity? Identity { get; init; }

    /// <summary>Counts the calls of its code that nobody waits for any more; null where none was made.</summary>
    public WrittenOff? WrittenOff { get; init; }

    /// <summary>Dies when its code is gone from memory; null if it never was there.</summary>
    public WeakReference? Trace { get; init; }

    public ImmutableArray<Rejection> Rejections { get; init; } = [];
}
