using Sluice.Engine.Plugins.Loading;

namespace Sluice.Host.Cli;

/// <summary>The directory where commands keep what they found about plugins, so that the next command starts sooner. It may be removed at any time.</summary>
internal static class CommandCache
{
    /// <summary>After this time the content of a plugin is checked as if it were new.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    /// <summary>Where it is: below the user's cache directory. Null if there is none, or it can't be created.</summary>
    public static string? FindPlugins()
    {
        try
        {
            return Root is not { } root ? null : CreatePrivate(Path.Combine(root, "sluice", "plugins"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A read-only home, for example: commands work without it.
            return null;
        }
    }

    /// <summary>Removes what is older than <see cref="Lifetime"/>. False if the directory is read-only: then what is in it is not used.</summary>
    public static bool TryRemoveExpired(string directory)
    {
        try
        {
            new KnownPluginStore(directory).RemoveWrittenBefore(TimeProvider.System.GetUtcNow() - Lifetime);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string? Root =>
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } cache && Path.IsPathFullyQualified(cache) ? cache
        : Environment.GetFolderPath(OperatingSystem.IsWindows() ? Environment.SpecialFolder.LocalApplicationData : Environment.SpecialFolder.UserProfile) is not { Length: > 0 } home ? null
        : OperatingSystem.IsWindows() ? home
        : Path.Combine(home, OperatingSystem.IsMacOS() ? "Library/Caches" : ".cache");

    // What is in it decides which checks are skipped, so nobody else may write it: setting the mode of somebody else's directory fails.
    private static string CreatePrivate(string directory)
    {
        var created = Directory.CreateDirectory(directory).FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(created, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return created;
    }
}
