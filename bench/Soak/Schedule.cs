using System.Diagnostics;

namespace Sluice.Bench.Soak;

/// <summary>Gives out requests at a fixed rate, from a thread of its own, whatever becomes of those before.</summary>
internal sealed class Schedule
{
    private readonly long _started = Stopwatch.GetTimestamp();

    /// <param name="perSecond">The rate.</param>
    /// <param name="length">For how long.</param>
    /// <param name="give">Gives one out: its number, and when it is due.</param>
    /// <param name="lag">How late each was given out.</param>
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

                // The shortest sleep there is, about a millisecond: the lag says what it comes to.
                Thread.Sleep(1);
            }

            ended.SetResult();
        })
        { IsBackground = true, Priority = ThreadPriority.Highest, Name = "schedule" };
        thread.Start();
    }

    /// <summary>Completes once the last was given out.</summary>
    public Task Ended { get; }

    /// <summary>Waits until so much of the time has passed.</summary>
    public Task UntilAsync(TimeSpan elapsed)
    {
        var rest = elapsed - Stopwatch.GetElapsedTime(_started);
        return rest > TimeSpan.Zero ? Task.Delay(rest) : Task.CompletedTask;
    }
}
