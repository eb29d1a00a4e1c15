using System.Diagnostics;

namespace Sluice.Bench.Soak;

/// <summary>
/// Measures the maximum rate: each connection sends its next request as soon as it has a response, while others read slowly and disconnect
/// in the same shares as in the soak, because a new connection for each of those costs more than a request on a persistent one.
/// </summary>
internal static class Maximum
{
    public const int Connections = 64;

    // Out of twenty requests.
    private const int Plain = 18;

    public static async Task<double> MeasureAsync(Target target, TimeSpan length)
    {
        using var end = new CancellationTokenSource(length);
        using var gone = new CancellationTokenSource(length + TimeSpan.FromSeconds(2));
        // The results of these requests do not count here.
        var tally = new Tally(1);
        var slow = new Callers(all => new SlowCaller(all, target, tally), 1024, 1000, tally, gone.Token);
        var rude = new Callers(all => new RudeCaller(all, target, tally), 32, 1000, tally, gone.Token);
        var started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(() => CountAsync(target, [slow, rude], end.Token))));
        var perSecond = counts.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
        await Task.WhenAll(slow.Ended, rude.Ended);
        return perSecond * 20 / Plain;
    }

    private static async Task<long> CountAsync(Target target, Callers[] beside, CancellationToken cancellationToken)
    {
        var reader = new AnswerReader();
        using var socket = await target.ConnectAsync(isSlow: false, CancellationToken.None);
        var count = 0L;
        while (!cancellationToken.IsCancellationRequested)
        {
            await socket.SendAsync(target.Request, CancellationToken.None);
            var status = await reader.ReadAsync(socket, int.MaxValue, TimeSpan.Zero, CancellationToken.None);
            count += status is >= 200 and < 300 ? 1 : throw new IOException($"The host responded with {status} while its maximum was measured.");
            if (count % Plain == 0)
            {
                Array.ForEach(beside, callers => callers.Due(Stopwatch.GetTimestamp()));
            }
        }

        return count;
    }
}
