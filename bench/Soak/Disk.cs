namespace Sluice.Bench.Soak;

/// <summary>
/// The baseline of the machine: one small write, flushed to the host's disk, twenty times a second. The load of the host is even, so if
/// this becomes slow too in a tenth of the time, the machine is the cause.
/// </summary>
internal sealed class Disk(string folder, int parts)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Histogram[] _writes = [.. Enumerable.Range(0, parts).Select(_ => new Histogram())];
    private int _part;

    public Histogram this[int part] => _writes[part];

    public void Begin(int part) => Volatile.Write(ref _part, part);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, "yardstick");
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        while (!cancellationToken.IsCancellationRequested)
        {
            var started = TimeProvider.System.GetTimestamp();
            file.Position = 0;
            file.Write(block);
            file.Flush(flushToDisk: true);
            _writes[Volatile.Read(ref _part)].Add(TimeProvider.System.GetElapsedTime(started));
            await Task.Delay(Pause, CancellationToken.None);
        }
    }
}
