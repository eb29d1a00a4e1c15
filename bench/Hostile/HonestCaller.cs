using System.Diagnostics;
using System.Net.Sockets;
using Sluice.Bench.Soak;

namespace Sluice.Bench.Hostile;

/// <summary>
/// Sends one valid request every 50 ms on a new connection, and measures its response; 2xx counts, and 503 or 429 with Retry-After.
/// </summary>
internal sealed class HonestCaller(Target target)
{
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(50), Patience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, int> _outcomes = [];

    public Histogram Latencies { get; } = new();

    /// <summary>The number of requests by result.</summary>
    public IReadOnlyDictionary<string, int> Outcomes => _outcomes;

    /// <summary>
    /// Calls until <paramref name="cancellationToken"/> is cancelled; each request is due at a fixed time, whatever happens to earlier
    /// ones.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var calls = new List<Task>();
        using var timer = new PeriodicTimer(Apart);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                calls.Add(CallAsync());
            }
        }
        catch (OperationCanceledException)
        {
        }

        await Task.WhenAll(calls);
    }

    /// <summary>Calls until it gets a 2xx, and returns how long that took.</summary>
    public async Task<TimeSpan> UntilSucceededAsync(TimeSpan limit)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < limit)
        {
            if (await TryAsync() is "2xx")
            {
                return Stopwatch.GetElapsedTime(started);
            }

            await Task.Delay(Apart);
        }

        return limit;
    }

    private async Task CallAsync()
    {
        var started = Stopwatch.GetTimestamp();
        var outcome = await TryAsync();
        Latencies.Add(outcome is "2xx" or "told to retry" ? Stopwatch.GetElapsedTime(started) : Patience);
        lock (_outcomes)
        {
            _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;
        }
    }

    private async Task<string> TryAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var socket = await target.ConnectAsync(isSlow: false, patience.Token);
            await socket.SendAsync(target.Request, patience.Token);
            var status = await new AnswerReader().ReadAsync(socket, int.MaxValue, TimeSpan.Zero, patience.Token);
            return status switch { >= 200 and < 300 => "2xx", 503 or 429 => "told to retry", _ => $"status {status}" };
        }
        catch (OperationCanceledException)
        {
            return "no response in 10 s";
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return exception.Message;
        }
    }
}
