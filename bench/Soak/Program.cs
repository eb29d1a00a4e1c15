using System.Globalization;
using Sluice.Bench.Soak;

// soak URL ADMIN_URL PID MINUTES FOLDER: see bench/soak.sh.
const double Share = 0.7;
const int Parts = 10;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var url = new Uri(args[0]);
var server = new Server(int.Parse(args[2], CultureInfo.InvariantCulture), new Uri(args[1]));
var length = TimeSpan.FromMinutes(Math.Clamp(double.Parse(args[3], CultureInfo.InvariantCulture), 0.2, 24 * 60));
var target = new Target(url);

await Maximum.MeasureAsync(target, TimeSpan.FromSeconds(5));
var maximum = await Maximum.MeasureAsync(target, TimeSpan.FromSeconds(10));
var rate = maximum * Share;
await RestAsync();
var handles = server.Handles;
Console.WriteLine($"maximum {maximum:0} requests/s, {Maximum.Connections} connections for the plain ones");
Console.WriteLine($"{rate:0} a second are due for {length.TotalMinutes:0.##} minutes: 90 % plain, 5 % slow readers, 5 % hang up; {IdleConnections.Count} connections send nothing");

var tally = new Tally(Parts);
var reports = new List<Part>();
using var end = new CancellationTokenSource();
using var loadOver = new CancellationTokenSource();
var disk = new Disk(args[4], Parts);
var yardstick = Task.Run(() => disk.RunAsync(loadOver.Token));
var idle = Task.Run(() => IdleConnections.HoldAsync(target, loadOver.Token));
var plain = new Callers(all => new PlainCaller(all, target, tally), 256, (int)Math.Max(1000, rate * 10), tally, end.Token);
var slow = new Callers(all => new SlowCaller(all, target, tally), 1024, 1000, tally, end.Token);
var rude = new Callers(all => new RudeCaller(all, target, tally), 32, 1000, tally, end.Token);
var schedule = new Schedule(rate, length, due => Of(due.Index).Due(due.At), tally.Lag);
Console.WriteLine($"{"until",8} {"answered",9} {"failed",7} {"p50 ms",8} {"p99 ms",8} {"max ms",8} {"disk p99",9} {"resident MB",12} {"handles",8}");
for (var part = 0; part < Parts; part++)
{
    tally.Begin(part);
    disk.Begin(part);
    await schedule.UntilAsync(length * (part + 1) / Parts);
    var (latencies, resident) = (tally[part], server.Resident);
    reports.Add(new Part(latencies.Percentile(0.99).TotalMilliseconds, resident, disk[part].Percentile(0.99).TotalMilliseconds));
    var (p50, most) = (latencies.Percentile(0.5).TotalMilliseconds, latencies.Max.TotalMilliseconds);
    Console.WriteLine(
        $"{length.TotalSeconds * (part + 1) / Parts,6:0} s {latencies.Count,9} {tally.Failed,7} {p50,8:0.00} {reports[^1].P99,8:0.00} {most,8:0.00} {reports[^1].DiskP99,9:0.00} {resident,12:0.0} {server.Handles,8}");
}

loadOver.Cancel();
await Task.WhenAll(yardstick, idle);

// Requests that still wait for a response get ten more seconds.
end.CancelAfter(TimeSpan.FromSeconds(10));
await schedule.Ended;
await RestAsync();
end.Cancel();
await Task.WhenAll(plain.Ended, slow.Ended, rude.Ended);
await RestAsync();
var (after, active) = (server.Handles, await server.MetricAsync("sluice_runs_active"));
var failures = string.Concat(tally.Failures.Select(failure => $"; {failure.Key}: {failure.Value}"));
Console.WriteLine($"slow readers answered {tally.Slow}, hung up {tally.HangUps}, failed requests {tally.Failed}{failures}");
Console.WriteLine(
    $"generator: p99 {tally.Lag.Percentile(0.99).TotalMilliseconds:0.00} ms late (part of the latencies above), "
    + $"{GC.CollectionCount(0)} collections, {GC.GetTotalPauseDuration().TotalMilliseconds:0} ms of pauses");
Console.WriteLine($"handles {handles} before, {after} after; runs active at the end {active:0}");

var verdicts = new[]
{
    Verdict.LoadCarried(reports),
    Verdict.P99Stable(reports),
    Verdict.MemoryFlat(reports),
    new Verdict("nothing failed", tally.Failed == 0, "no request but those that hung up went without its 2xx"),
    new Verdict("nothing left", after <= handles + 8 && active == 0, "as many handles as before, 8 aside, and no run under way"),
};
Array.ForEach(verdicts, verdict => Console.WriteLine(verdict));
return verdicts.All(verdict => verdict.Holds) ? 0 : 1;

Callers Of(long index) => (index % 20) switch { 6 => slow, 16 => rude, _ => plain };

// Completed requests are over at once; those that disconnected take a moment.
static Task RestAsync() => Task.Delay(TimeSpan.FromSeconds(3));
