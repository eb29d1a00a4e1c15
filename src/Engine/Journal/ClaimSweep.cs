using Microsoft.Extensions.Logging;

namespace Sluice.Engine.Journal;

/// <summary>Removes the claims that are over, once a minute, in batches so small that no run waits for them.</summary>
internal sealed class ClaimSweep : IAsyncDisposable
{
    /// <summary>How many claims one write removes.</summary>
    public const int BatchSize = 500;

    /// <summary>The time between two sweeps.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly IRunStore _runs;
    private readonly ILogger<ClaimSweep> _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly PeriodicTimer _timer;
    private readonly Task _sweeping;

    public ClaimSweep(IRunStore runs, TimeProvider time, ILogger<ClaimSweep> log)
    {
        _runs = runs;
        _log = log;
        _timer = new PeriodicTimer(Interval, time);
        _sweeping = SweepAgainAndAgainAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _timer.Dispose();
        await _sweeping;
        _stopping.Dispose();
    }

    private async Task SweepAgainAndAgainAsync()
    {
        while (await _timer.WaitForNextTickAsync(CancellationToken.None))
        {
            try
            {
                while (await _runs.RemoveSpentClaimsAsync(BatchSize, _stopping.Token) == BatchSize)
                {
                    // Other writes get their turn between two batches.
                }
            }
            catch (Exception exception) when (exception is JournalUnavailableException or OperationCanceledException)
            {
                _log.LogInformation("Claims that are over stay for the next sweep: {Reason}", exception.Message);
            }
        }
    }
}
