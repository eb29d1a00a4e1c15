using Sluice.Engine.Plugins.Loading;

namespace Sluice.Host.Cli;

/// <summary>
/// The directory where commands cache facts about plugins, so that the next command starts faster. It can be deleted at any time.
/// </summary>
internal static class CommandCache
{
    /// <summary>After this time a plugin is checked as if it were new.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    /// <summary>Finds or creates it in the user's cache directory; null if there is none, or it can't be created.</summary>
    public static string? FindPlugins()
    {
        try
        {
            return Root is not { } root ? null : CreatePrivate(Path.Combine(root, "sluice", "plugins"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The home directory may be read-only; commands work without a cache.
            return null;
        }
    }

    /// <summary>
    /// Removes entries older than <see cref="Lifetime"/>. False if the directory is read-only; then its content is not used.
    /// </summary>
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

    // The content decides which checks are skipped, so nobody else may write it. Setting the mode fails if another user owns the directory.
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
