namespace Sluice.Bench.Soak;

/// <summary>
/// The yardstick of the machine: one small write that is flushed to the disk, twenty times a second, beside the host and on the same disk. The host's load
/// is even, so a tenth in which this became slow as well is the machine's.
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
