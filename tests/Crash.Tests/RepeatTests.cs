using System.Collections.Concurrent;

namespace Sluice.Crash.Tests;

/// <summary>Deliveries under keys while the host is killed again and again: callers send each until it is answered, as the senders of webhooks do.</summary>
public sealed class RepeatTests
{
    private const int Callers = 8;
    private const int Rounds = 3;

    private static readonly string[] _workflows = ["plain", "accepted", "middle"];

    private readonly ConcurrentQueue<int> _unanswered = new();
    private readonly ConcurrentDictionary<int, ConcurrentBag<Exchange>> _answers = new();
    private int _number;

    [Fact]
    public async Task Every_key_has_one_run_and_every_answer_under_it_is_the_same_however_often_the_host_is_killed()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var told = $"Seed {seed}.";
        try
        {
            using var folders = new HostFolders(_workflows);
            var cutOff = 0;
            for (var round = 1; round <= Rounds; round++)
            {
                await using var host = await HostProcess.StartAsync(folders);
                var after = random.Next(20, 120);
                told += $" Round {round}: killed after {after} answers.";
                await SendUntilAsync(host, after);
                await host.ExitAsync();
                cutOff += _unanswered.Count;
            }

            await using (var host = await HostProcess.StartAsync(folders))
            {
                await SendAllAgainAsync(host);
                host.Terminate();
                Assert.Equal(0, await host.ExitAsync());
            }

            var aftermath = await KillTests.FinishAsync(folders, _answers.Values.SelectMany(answers => answers));
            aftermath.NothingAcknowledgedIsLost();
            aftermath.EveryRunSucceededOnce();
            aftermath.NoRequestBecameTwoRuns();
            aftermath.EveryAttemptHasTheNextNumberAndTheSameKey();
            aftermath.EveryStepThatBeganCameToItsEnd();
            Assert.Equal(_number, _answers.Count);
            Assert.All(_answers.Values, answers => Assert.Single(answers.Distinct()));
            Assert.True(cutOff > 0, "No kill met a delivery that had no answer yet, so nothing was shown.");
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"{told} {failure.Message}", failure);
        }
    }

    // What the kills before left without an answer comes first; every third delivery comes a second time although it was answered.
    private async Task SendUntilAsync(HostProcess host, int after)
    {
        using var client = new HostClient(host, Callers);
        var answered = 0;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(CallAsync)));

        async Task CallAsync()
        {
            while (true)
            {
                var number = _unanswered.TryDequeue(out var left) ? left : Interlocked.Increment(ref _number);
                if (!await SendAsync(client, number))
                {
                    _unanswered.Enqueue(number);
                    return;
                }

                if (Interlocked.Increment(ref answered) == after)
                {
                    host.Kill();
                }

                if (number % 3 == 0 && !await SendAsync(client, number))
                {
                    return;
                }
            }
        }
    }

    private async Task SendAllAgainAsync(HostProcess host)
    {
        using var client = new HostClient(host, Callers);
        await Parallel.ForEachAsync(
            Enumerable.Range(1, _number),
            new ParallelOptions { MaxDegreeOfParallelism = Callers },
            async (number, _) => Assert.True(await SendAsync(client, number), $"Delivery {number} was not answered.\n{host.Output}"));
    }

    private async Task<bool> SendAsync(HostClient client, int number)
    {
        var exchange = await client.PostAsync(_workflows[number % _workflows.Length], number, key: $"\"delivery-{number}\"");
        if (exchange.IsAcknowledged)
        {
            _answers.GetOrAdd(number, _ => []).Add(exchange);
        }

        return exchange.IsAcknowledged;
    }
}
