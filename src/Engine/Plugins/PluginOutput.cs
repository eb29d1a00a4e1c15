using Microsoft.Extensions.Logging;

namespace Sluice.Engine.Plugins;

/// <summary>Logs what plugins write to the console.</summary>
internal static class PluginOutput
{
    private const int LongestLine = 4096;

    /// <summary>Logs one line, shortened if it is very long.</summary>
    public static void Log(ILogger logger, string plugin, string line) =>
        logger.LogInformation("Plugin {Plugin} wrote: {Line}", plugin, line.Length > LongestLine ? $"{line[..LongestLine]}…" : line);
}
