using System.Threading.Channels;

namespace Sluice.Host.Cli.Dev;

/// <summary>Detects saves in a project folder, except for files that the build itself writes, and in a few other files.</summary>
internal sealed class Changes : IDisposable
{
    // One save raises several events, and editors save several files at once.
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(100);

    private readonly Channel<bool> _events = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly TimeProvider _time;

    public Changes(string project, IEnumerable<string> files, TimeProvider time)
    {
        _time = time;
        Watch(project, "*", isDeep: true, path => !ProjectInputs.IsOfTheBuild(Path.GetRelativePath(project, path)));
        foreach (var file in files.Select(Path.GetFullPath))
        {
            Watch(Path.GetDirectoryName(file)!, Path.GetFileName(file), isDeep: false, _ => true);
        }
    }

    /// <summary>Completes once something was saved since the last call and no further save follows.</summary>
    public async Task NextAsync(CancellationToken cancellationToken)
    {
        do
        {
            await _events.Reader.ReadAsync(cancellationToken);
            await Task.Delay(Burst, _time, cancellationToken);
        }
        while (_events.Reader.TryPeek(out _));
    }

    public void Dispose() => _watchers.ForEach(watcher => watcher.Dispose());

    private void Watch(string directory, string filter, bool isDeep, Func<string, bool> counts)
    {
        var watcher = new FileSystemWatcher(directory, filter) { IncludeSubdirectories = isDeep };
        void Note(string path)
        {
            if (counts(path))
            {
                _events.Writer.TryWrite(true);
            }
        }

        watcher.Changed += (_, change) => Note(change.FullPath);
        watcher.Created += (_, change) => Note(change.FullPath);
        watcher.Deleted += (_, change) => Note(change.FullPath);
        watcher.Renamed += (_, change) => Note(change.FullPath);
        watcher.EnableRaisingEvents = true;
        _watchers.Add(watcher);
    }
}
