using System.Collections.Concurrent;

namespace Sluice.Crash.Tests;

/// <summary>Callers who post to some workflows as fast as they are answered, until something happens to the host.</summary>
internal sealed class Load(params string[] workflows)
{
    private const int Callers = 8;

    private readonly ConcurrentQueue<Exchange> _exchanges = new();
    private readonly ConcurrentQueue<SeenStep> _seen = new();
    private int _number;

    /// <summary>All requests so far.</summary>
    public IReadOnlyCollection<Exchange> Exchanges => _exchanges;

    /// <summary>Steps that the API showed as done, and which were therefore durable, while the load went on.</summary>
    public IReadOnlyCollection<SeenStep> SeenSteps => _seen;

    /// <summary>Posts until a connection breaks or the host says that it takes no more.</summary>
    /// <param name="host">The host.</param>
    /// <param name="after">After how many acknowledgements something happens to it; more, where no look at a run has come back until then.</param>
    /// <param name="happen">What does; called by the caller who got that acknowledgement.</param>
    public async Task RunAsync(HostProcess host, int after, Action happen)
    {
        using var client = new HostClient(host, Callers);
        var (answered, looks, happened) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(CallAsync)));

        async Task CallAsync()
        {
            var isOver = false;
            while (!isOver)
            {
                var number = Interlocked.Increment(ref _number);
                var exchange = await client.PostAsync(workflows[number % workflows.Length], number);
                _exchanges.Enqueue(exchange);
                isOver = !exchange.IsAcknowledged;
                if (exchange.IsAcknowledged && Interlocked.Increment(ref answered) >= after && Volatile.Read(ref looks) > 0
                    && Interlocked.Exchange(ref happened, 1) == 0)
                {
                    happen();
                }

                if (exchange.IsAcknowledged && number % 5 == 0 && await LookAsync(client, exchange.Run!))
                {
                    Interlocked.Increment(ref looks);
                }
            }
        }
    }

    // Whether the API showed a step of the run.
    private async Task<bool> LookAsync(HostClient client, string run)
    {
        if (await client.ShowAsync(run) is not { } shown)
        {
            return false;
        }

        SeenStep[] steps =
        [
            .. shown.GetProperty("steps").EnumerateArray()
                .Where(step => step.GetProperty("type").GetString() == "witness")
                .Select(step => new SeenStep(run, step.GetProperty("key").GetString()!, step.GetProperty("attempt").GetInt32())),
        ];
        Array.ForEach(steps, _seen.Enqueue);
        return steps.Length > 0;
    }
}

/// <summary>A step of which the journal had a result at a time when its host was still running.</summary>
internal sealed record SeenStep(string Run, string Step, int Attempt);
