using System.Collections.Immutable;

namespace Sluice.Engine.Plugins;

/// <summary>
/// Thrown if a plugin can't be loaded. Holds only strings: an exception of the plugin's own code would keep it in memory.
/// </summary>
internal sealed class PluginRejectedException(ImmutableArray<Rejection> rejections)
    : Exception(string.Join(" ", rejections.Select(rejection => rejection.Message)))
{
    public PluginRejectedException(string rule, string message)
        : this([new Rejection(rule, message)])
    {
    }

    public ImmutableArray<Rejection> Rejections { get; } = rejections;
}
