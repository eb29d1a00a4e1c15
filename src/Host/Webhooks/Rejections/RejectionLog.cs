using Sluice.Engine.Journal;

namespace Sluice.Host.Webhooks.Rejections;

/// <summary>
/// Records rejected requests. A rejection costs a lookup and an addition: equal ones are counted, and those of one second are stored in one
/// write, so a flood delays neither the ingress nor the journal.
/// </summary>
internal sealed partial class RejectionLog : IAsyncDisposable
{
    /// <summary>The number of kinds that are distinguished between two writes; beyond it, only workflow and reason are.</summary>
    public const int MostApart = 100;

    private const int LongestPath = 200;

    private static readonly TimeSpan WriteDelay = TimeSpan.FromSeconds(1);

    // How often old entries are removed on a host that rejects nothing.
    private static readonly TimeSpan IdleDelay = TimeSpan.FromHours(1);

    private readonly IRejectionStore _store;
    private readonly RejectionRetention _retention;
    private readonly TimeProvider _time;
    private readonly ILogger<RejectionLog> _log;
    private readonly ITimer _timer;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly long[] _counts = new long[RejectionReasons.Count];
    private readonly Lock _gate = new();
    private Dictionary<Kind, Tally> _pending = [];
    private DateTimeOffset _storedAt;

    public RejectionLog(IRejectionStore store, RejectionRetention retention, TimeProvider time, ILogger<RejectionLog> log)
    {
        _store = store;
        _retention = retention;
        _time = time;
        _log = log;
        _storedAt = time.GetUtcNow();
        _timer = time.CreateTimer(_ => _ = WriteOnTimeAsync(), null, IdleDelay, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The number of rejected requests since the start, by reason.</summary>
    public IEnumerable<(RejectionReason Reason, long Count)> Counts =>
        Enum.GetValues<RejectionReason>().Select(reason => (reason, Interlocked.Read(ref _counts[(int)reason])));

    /// <summary>Counts a rejected request; never waits.</summary>
    public void Add(WebhookRequest request, RejectionReason reason, string detail)
    {
        Interlocked.Increment(ref _counts[(int)reason]);
        var path = request.Http.Request.Path.Value ?? "";
        path = path.Length > LongestPath ? path[..LongestPath] : path;
        var kind = new Kind(request.Workflow.Name, path, request.Http.Connection.RemoteIpAddress?.ToString(), reason, detail);
        var now = _time.GetUtcNow();
        lock (_gate)
        {
            if (_pending.Count == 0)
            {
                _timer.Change(WriteDelay, Timeout.InfiniteTimeSpan);
            }

            AddUp(kind, new Tally(now, now, 1));
        }
    }

    /// <summary>Stores the counted rejections; those that can't be stored now are kept for the next write.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var pending = Take();
            foreach (var (kind, tally) in pending)
            {
                LogRejected(tally.Count, kind.Workflow, kind.Path, kind.RemoteIp, kind.Reason.Name(), kind.Detail);
            }

            // Without rejections, write only once in a while, to remove old entries.
            if (pending.Count > 0 || _time.GetUtcNow() >= _storedAt + IdleDelay)
            {
                await StoreAsync(pending, cancellationToken);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        await WriteAsync();
        _writing.Dispose();
    }

    private async Task WriteOnTimeAsync()
    {
        try
        {
            await WriteAsync();
        }
        catch (Exception exception)
        {
            LogFailure(exception);
        }
    }

    private Dictionary<Kind, Tally> Take()
    {
        lock (_gate)
        {
            var pending = _pending;
            _pending = [];
            _timer.Change(IdleDelay, Timeout.InfiniteTimeSpan);
            return pending;
        }
    }

    private async Task StoreAsync(Dictionary<Kind, Tally> pending, CancellationToken cancellationToken)
    {
        try
        {
            var refusals = pending.Select(entry => new RejectedRequest(
                entry.Key.Workflow, entry.Key.Path, entry.Key.RemoteIp, entry.Key.Reason.Name(), entry.Key.Detail, entry.Value.FirstAt, entry.Value.LastAt, entry.Value.Count));
            await _store.AddAsync([.. refusals], _retention, _time.GetUtcNow(), cancellationToken);
            _storedAt = _time.GetUtcNow();
        }
        catch (Exception exception) when (exception is JournalUnavailableException or OperationCanceledException)
        {
            lock (_gate)
            {
                _timer.Change(WriteDelay, Timeout.InfiniteTimeSpan);
                foreach (var (kind, tally) in pending)
                {
                    AddUp(kind, tally);
                }
            }

            LogNotStored(pending.Count, exception.Message);
        }
    }

    // Beyond the limit only workflow and reason are distinguished, which have few combinations.
    private void AddUp(Kind kind, Tally more)
    {
        if (_pending.Count >= MostApart && !_pending.ContainsKey(kind))
        {
            kind = new Kind(kind.Workflow, null, null, kind.Reason, "Too many requests were rejected at the same time to list each.");
        }

        _pending[kind] = _pending.TryGetValue(kind, out var known)
            ? new Tally(known.FirstAt < more.FirstAt ? known.FirstAt : more.FirstAt, known.LastAt > more.LastAt ? known.LastAt : more.LastAt, known.Count + more.Count)
            : more;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Rejected {Count} requests to {Workflow} at {Path} from {RemoteIp}: {Reason}: {Detail}")]
    private partial void LogRejected(long count, string workflow, string? path, string? remoteIp, string reason, string detail);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Count} kinds of rejected requests are stored later: {Reason}")]
    private partial void LogNotStored(int count, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Storing rejected requests failed")]
    private partial void LogFailure(Exception exception);

    /// <summary>The properties in which equal rejections agree.</summary>
    private readonly record struct Kind(string Workflow, string? Path, string? RemoteIp, RejectionReason Reason, string Detail);

    private readonly record struct Tally(DateTimeOffset FirstAt, DateTimeOffset LastAt, long Count);
}
