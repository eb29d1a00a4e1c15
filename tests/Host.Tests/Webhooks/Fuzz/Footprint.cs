using Sluice.Engine.Execution;
using Sluice.Engine.Replies;
namespace Sluice.Host.Tests.Webhooks.Fuzz;

/// <summary>What a host holds when nobody is with it.</summary>
/// <param name="Handles">Files and sockets of the process; 0 where the system does not list them.</param>
/// <param name="Bytes">Live managed memory.</param>
internal sealed record Footprint(int Handles, long Bytes)
{
    /// <summary>Looks once the host has come to rest.</summary>
    public static async Task<Footprint> OfAsync(TestHost host)
    {
        await UntilAsync(host, () => host.Get<ResponderRegistry>().Count == 0 && host.Get<Runner>().ActiveCount == 0,
            () => $"{host.Get<ResponderRegistry>().Count} responders and {host.Get<Runner>().ActiveCount} runs are left.");
        return new Footprint(CountHandles(), CountBytes());
    }

    /// <summary>Fails where the host holds more than it did, a few handles and a generous part of its memory aside, and goes on doing so.</summary>
    /// <param name="host">The host.</param>
    /// <param name="before">What it held.</param>
    /// <param name="handles">How many more handles may be left.</param>
    /// <param name="bytes">How many more bytes.</param>
    public static async Task AssertNoLeakAsync(TestHost host, Footprint before, int handles, long bytes)
    {
        await OfAsync(host);
        await UntilAsync(host, () => CountHandles() <= before.Handles + handles, () => $"{CountHandles()} handles are open; it were {before.Handles}.");
        await UntilAsync(host, () => CountBytes() <= before.Bytes + bytes, () => $"{CountBytes():N0} bytes are live; it were {before.Bytes:N0}.");
    }

    // Between two looks the host must answer: that is a law of its own, and what gives it the time that it needs.
    private static async Task UntilAsync(TestHost host, Func<bool> isSo, Func<string> otherwise)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TestHost.Patience, otherwise());
            Assert.Equal(200, (await host.GetAsync("/healthz")).Status);
        }
    }

    private static int CountHandles() => OperatingSystem.IsLinux() ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0;

    private static long CountBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
