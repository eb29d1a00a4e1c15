using Microsoft.Extensions.Logging;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Checks the database while the host runs: whether its files are still there and a large one is undamaged. Keeps the marker up to date.</summary>
internal sealed class JournalGuard : IAsyncDisposable
{
    /// <summary>How often it looks. What is lost within this time before a crash can't be told from what was never written.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly SqliteOptions _options;
    private readonly CommitQueue _queue;
    private readonly SqliteBatchWriter _writer;
    private readonly SqliteReader _reader;
    private readonly JournalMarker _marker;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _time;
    private readonly Task _watching;
    private readonly Task _checking;
    private long _seenCommits;

    public JournalGuard(
        SqliteOptions options, CommitQueue queue, SqliteBatchWriter writer, SqliteReader reader, JournalMarker marker, TimeProvider time, ILogger logger)
    {
        _options = options;
        _queue = queue;
        _writer = writer;
        _reader = reader;
        _marker = marker;
        _logger = logger;
        _time = time;
        _watching = WatchAsync();
        // A small one was checked before it was used.
        _checking = new FileInfo(options.File).Length > options.QuickCheckBytes ? Task.Run(Check) : Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watching;
        await _checking;
        _stopping.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Interval, _time, _stopping.Token);
                CheckFiles();
                await MarkAsync();
            }
            catch (Exception failure) when (failure is JournalUnavailableException or IOException or UnauthorizedAccessException or OperationCanceledException)
            {
                _logger.LogDebug(failure, "The marker of the journal stays unchanged.");
            }
        }
    }

    // The writer stops if the files that it has open are no longer there.
    private void CheckFiles()
    {
        if (_queue.IsWritable && !_writer.AreFilesIntact)
        {
            _queue.AskForProbe();
        }
    }

    private async Task MarkAsync()
    {
        var commits = _queue.Commits;
        if (commits != _seenCommits && _queue.IsWritable && await _reader.ReadAsync(JournalMark.Of, _stopping.Token) is { } mark)
        {
            _marker.Write(mark, flush: false);
            _seenCommits = commits;
        }
    }

    private void Check()
    {
        try
        {
            if (IntegrityCheck.Damage(_options.File, _stopping.Token) is { } damage)
            {
                _writer.Condemn(IntegrityCheck.Message(_options.File, damage));
                _queue.AskForProbe();
            }
        }
        catch (Exception failure)
        {
            _logger.LogWarning(failure, "{File} could not be checked for damage; the next start tries again.", _options.File);
        }
    }
}
