using System.Diagnostics;

namespace Sluice.Bench.Soak;

/// <summary>How many requests a second the host answers when each connection sends the next as soon as it has its answer.</summary>
internal static class Maximum
{
    public const int Connections = 64;

    public static async Task<double> MeasureAsync(Target target, TimeSpan length)
    {
        using var end = new CancellationTokenSource(length);
        var started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(() => CountAsync(target, end.Token))));
        return counts.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<long> CountAsync(Target target, CancellationToken cancellationToken)
    {
        var reader = new AnswerReader();
        using var socket = await target.ConnectAsync(isSlow: false, CancellationToken.None);
        var count = 0L;
        while (!cancellationToken.IsCancellationRequested)
        {
            await socket.SendAsync(target.Request, CancellationToken.None);
            var status = await reader.ReadAsync(socket, int.MaxValue, TimeSpan.Zero, CancellationToken.None);
            count += status is >= 200 and < 300 ? 1 : throw new IOException($"The host answered {status} while its maximum was measured.");
        }

        return count;
    }
}
