using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Sluice.Bench.Hostile;
using Sluice.Bench.Soak;

// hostile URL PID SECONDS CLIENTS: see bench/hostile.sh.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var url = new Uri(args[0]);
var process = Process.GetProcessById(int.Parse(args[1], CultureInfo.InvariantCulture));
var length = TimeSpan.FromSeconds(Math.Clamp(double.Parse(args[2], CultureInfo.InvariantCulture), 1, 3600));
var clients = Math.Clamp(int.Parse(args[3], CultureInfo.InvariantCulture), 0, 20_000);
var target = new Target(url);
var server = new Server(process.Id, url);
var attacks = Attack.On(url);
var ended = new int[attacks.Count];

await new HonestCaller(target).UntilSucceededAsync(TimeSpan.FromSeconds(10));
var honest = new HonestCaller(target);
using var end = new CancellationTokenSource();
var attackers = Enumerable.Range(0, clients).Select(index => AttackAsync(index % attacks.Count, end.Token)).ToArray();
await Task.Delay(TimeSpan.FromSeconds(2));

using var callsEnd = new CancellationTokenSource(length);
var calls = honest.RunAsync(callsEnd.Token);
var resident = 0.0;
while (!calls.IsCompleted && !process.HasExited)
{
    resident = Math.Max(resident, server.Resident);
    await Task.WhenAny(calls, Task.Delay(TimeSpan.FromMilliseconds(500)));
}

if (process.HasExited)
{
    Console.WriteLine("the host has ended: NO");
    return 1;
}

await end.CancelAsync();
var recovered = await new HonestCaller(target).UntilSucceededAsync(TimeSpan.FromSeconds(30));
await Task.WhenAll(attackers);

Console.WriteLine($"{clients} hostile clients for {length.TotalSeconds:0} s; connections ended: {string.Join(", ", attacks.Zip(ended, (attack, count) => $"{attack.Name} {count}"))}");
Console.WriteLine($"honest caller, a new connection every 50 ms: {string.Join(", ", honest.Outcomes.Select(outcome => $"{outcome.Key} {outcome.Value}"))}");
var p99 = honest.Latencies.Percentile(0.99);
Console.WriteLine($"p50 {honest.Latencies.Percentile(0.5).TotalMilliseconds:0.0} ms, p99 {p99.TotalMilliseconds:0.0} ms, max {honest.Latencies.Max.TotalMilliseconds:0.0} ms; most resident {resident:0} MB");
var isQuick = p99 <= TimeSpan.FromSeconds(1);
var isBack = recovered <= TimeSpan.FromSeconds(5);
Console.WriteLine($"answered within 1 s at p99: {(isQuick ? "yes" : "NO")}");
Console.WriteLine($"a 2xx {recovered.TotalSeconds:0.00} s after they left, 5 s at most: {(isBack ? "yes" : "NO")}");
return isQuick && isBack ? 0 : 1;

async Task AttackAsync(int kind, CancellationToken cancellationToken)
{
    while (!cancellationToken.IsCancellationRequested)
    {
        try
        {
            using var socket = await target.ConnectAsync(isSlow: !attacks[kind].ReadsResponse, cancellationToken);
            await attacks[kind].CarryOutAsync(socket, cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // The host ended the connection, or the attack is over.
        }

        Interlocked.Increment(ref ended[kind]);
        await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(100, 1000)), CancellationToken.None);
    }
}
