using Microsoft.Extensions.Logging;

namespace Sluice.Engine.Journal.Sqlite;

/// <content>What becomes of a database that can't be written: a full disk, files that are gone, damage.</content>
internal sealed partial class SqliteWriter
{
    private volatile bool _isLost;
    private volatile string? _damage;

    /// <summary>Whether the database's files were deleted or replaced, or are damaged. Nothing is written then.</summary>
    public bool IsLost => _isLost;

    /// <summary>Whether a write failed since the start, so that runs may miss what was to be written of them.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Has the writer stop where the files that it has open are no longer there.</summary>
    public void CheckFiles()
    {
        if (_isWritable && _watch.Moved() is not null)
        {
            _queue.AskForProbe();
        }
    }

    /// <summary>Writes nothing more, because the database is damaged.</summary>
    public void GiveUp(string damage)
    {
        _damage = damage;
        _queue.AskForProbe();
    }

    private void BecomeUnwritable(Exception cause)
    {
        var failure = cause is DatabaseLostException ? new JournalUnavailableException(cause.Message, cause) : SqliteFailure.Unavailable(_options.File, cause);
        _logger.LogError(failure, "{Message}", failure.Message);
        try
        {
            _statements.RollBack();
        }
        catch (Exception rollback)
        {
            _logger.LogWarning(rollback, "The failed transaction could not be rolled back; the next probe opens the file anew.");
        }

        _isLost = cause is DatabaseLostException;
        _isWritable = false;
        HasFailed = true;
        _queue.Close(failure, _logs, _jobs);
        // Before the observers are told: one of them may advance the clock.
        ProbeLater();
        SettleWritten(failure);
        _logs.ForEach(log => log.Fail(failure));
        _jobs.ForEach(job => job.Fail(failure));
        _logs.Clear();
        _jobs.Clear();
        if (_isLost && _damage is null)
        {
            TellSettled();
            DatabaseCopy.Save(_connection, _options, _time.GetUtcNow(), _logger);
        }
    }

    private void Probe()
    {
        try
        {
            ThrowIfDamaged();
            if (_watch.Moved() is { } path)
            {
                throw DatabaseLostException.Moved(path);
            }

            if (_isWritable)
            {
                return;
            }

            _watch.ForgetLog();
            Disconnect(isLast: false);
            (_connection, _statements) = Connect();
            _connection.Run($"insert into probe (bytes) values (zeroblob({ProbeBytes})); delete from probe");
            _watch.Remember();
        }
        catch (Exception failure) when (_isWritable)
        {
            BecomeUnwritable(failure);
            return;
        }
        catch (Exception failure)
        {
            _logger.LogDebug(failure, "The journal still can't be written.");
            ProbeLater();
            return;
        }

        _isLost = false;
        _isWritable = _queue.TryOpen();
        if (_isWritable && BecameWritable is { } becameWritable)
        {
            _logger.LogInformation("{File} can be written again.", _options.File);
            ThreadPool.QueueUserWorkItem(_ => Tell(becameWritable));
        }
    }

    private void ThrowIfDamaged()
    {
        if (_damage is { } damage)
        {
            throw new DatabaseLostException(damage);
        }
    }

    private void Tell(Action becameWritable)
    {
        try
        {
            becameWritable();
        }
        catch (Exception failure)
        {
            _logger.LogError(failure, "A handler of the journal's recovery failed.");
        }
    }

    private void ProbeLater() => _probeTimer.Change(_options.ProbeInterval, Timeout.InfiniteTimeSpan);
}
