using System.Diagnostics;

namespace Sluice.Bench.Soak;

/// <summary>Hands out requests at a fixed rate from its own thread, whatever happens to earlier ones.</summary>
internal sealed class Schedule
{
    private readonly long _started = Stopwatch.GetTimestamp();

    /// <param name="perSecond">The rate.</param>
    /// <param name="length">The duration.</param>
    /// <param name="give">Hands out a request: its number, and when it is due.</param>
    /// <param name="lag">Records how late each request was handed out.</param>
    public Schedule(double perSecond, TimeSpan length, Action<(long Index, long At)> give, Histogram lag)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Ended = ended.Task;
        var ticksApart = Stopwatch.Frequency / perSecond;
        var thread = new Thread(() =>
        {
            for (var index = 0L; Stopwatch.GetElapsedTime(_started) < length;)
            {
                var due = (long)((Stopwatch.GetTimestamp() - _started) / ticksApart);
                for (; index < due; index++)
                {
                    var at = _started + (long)(index * ticksApart);
                    lag.Add(Stopwatch.GetElapsedTime(at));
                    give((index, at));
                }

                // The shortest possible sleep, about a millisecond; the lag shows its effect.
                Thread.Sleep(1);
            }

            ended.SetResult();
        })
        { IsBackground = true, Priority = ThreadPriority.Highest, Name = "schedule" };
        thread.Start();
    }

    /// <summary>Completes after the last request was handed out.</summary>
    public Task Ended { get; }

    /// <summary>Waits until this much time has passed since the start.</summary>
    public Task UntilAsync(TimeSpan elapsed)
    {
        var rest = elapsed - Stopwatch.GetElapsedTime(_started);
        return rest > TimeSpan.Zero ? Task.Delay(rest) : Task.CompletedTask;
    }
}
