using System.Collections.Immutable;
using Sluice.Engine.Plugins.Processes;

namespace Sluice.Host.Configuration;

/// <summary>Translates the isolation settings to those of the engine.</summary>
internal static class IsolationConfiguration
{
    // Checking a config waits for nothing, and a hanging process can be replaced, so this is shorter than the limit for a thread.
    private const double LongestCheck = 10;

    public static IEnumerable<string> Wrong(PluginOptions options)
    {
        var settings = options.Isolation.Select(named => (Key: $"Plugins:Isolation:{named.Key}", named.Value));
        foreach (var (key, value) in settings.Where(setting => Parse(setting.Value) is null))
        {
            yield return $"{key} is \"{value}\"; it must be context (in the host) or process (in a process of its own).";
        }
    }

    public static PluginIsolation Of(PluginOptions options) => new(
        Parse(options.DefaultIsolation)!.Value,
        options.Isolation.ToDictionary(named => named.Key, named => Parse(named.Value)!.Value, StringComparer.OrdinalIgnoreCase),
        new ProcessSettings
        {
            Program = Program,
            MemoryMegabytes = options.ProcessMemoryMegabytes,
            Environment = [.. options.ProcessEnvironment],
            StartPatience = TimeSpan.FromSeconds(options.LoadTimeoutSeconds),
            CheckPatience = TimeSpan.FromSeconds(Math.Min(LongestCheck, options.LoadTimeoutSeconds)),
        });

    // This program: its own executable, or the runtime with its assembly if something else started it.
    private static ImmutableArray<string> Program =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "sluice"
            ? [path]
            : [Runtime, Path.Combine(AppContext.BaseDirectory, "sluice.dll")];

    private static string Runtime =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    private static Isolation? Parse(string? value) => value?.ToLowerInvariant() switch
    {
        "context" => Isolation.Context,
        "process" => Isolation.Process,
        _ => null,
    };
}
