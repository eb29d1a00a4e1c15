using System.Net.Sockets;

namespace Sluice.Bench.Soak;

/// <summary>Keeps connections open that send nothing, and replaces those that the host closes.</summary>
internal static class IdleConnections
{
    public const int Count = 1000;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Keeps them open until <paramref name="cancellationToken"/> is cancelled.</summary>
    public static Task HoldAsync(Target target, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, Count).Select(_ => HoldOneAsync(target, cancellationToken)));

    private static async Task HoldOneAsync(Target target, CancellationToken cancellationToken)
    {
        var nothing = new byte[512];
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var socket = await target.ConnectAsync(isSlow: false, cancellationToken);
                while (await socket.ReceiveAsync(nothing, cancellationToken) > 0)
                {
                }

                await Task.Delay(Pause, cancellationToken);
            }
            catch (SocketException)
            {
                await Task.Delay(Pause, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                // The soak is over.
            }
        }
    }
}
