using System.Diagnostics;

namespace Sluice.Bench.Soak;

/// <summary>
/// How many requests a second the host answers when each connection sends the next as soon as it has its answer, while others read slowly and hang up in the
/// shares that they have later: a connection of its own for each of those costs more than a request on one that lasts.
/// </summary>
internal static class Maximum
{
    public const int Connections = 64;

    // Of twenty requests.
    private const int Plain = 18;

    public static async Task<double> MeasureAsync(Target target, TimeSpan length)
    {
        using var end = new CancellationTokenSource(length);
        using var gone = new CancellationTokenSource(length + TimeSpan.FromSeconds(2));
        // What becomes of those is not counted here.
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
            count += status is >= 200 and < 300 ? 1 : throw new IOException($"The host answered {status} while its maximum was measured.");
            if (count % Plain == 0)
            {
                Array.ForEach(beside, callers => callers.Due(Stopwatch.GetTimestamp()));
            }
        }

        return count;
    }
}
