using Microsoft.Extensions.Time.Testing;
using Sluice.Engine.Plugins;

namespace Sluice.Host.Tests.Plugins;

/// <summary>Unloads a plugin, and turns the clock past the looks at its memory.</summary>
internal static class Unloaded
{
    public static async Task ByAsync(PluginHost plugins, string folder, FakeTimeProvider time, CancellationToken cancellationToken)
    {
        var unloading = plugins.UnloadAsync(folder, cancellationToken);
        while (!unloading.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(unloading, Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken));
        }

        await unloading;
    }
}
