using Microsoft.Extensions.Logging;

namespace Sluice.Engine.Journal;

/// <content>What becomes of a database that can't be written: a full disk, files that are gone, damage.</content>
internal sealed partial class CommitQueue
{
    private volatile bool _isLost;

    public bool IsLost => _isLost;

    /// <summary>Has the writer check whether the database is still there, or whether it can be written again.</summary>
    public void AskForProbe() => _pending.AskForProbe();

    private void BecomeUnwritable(Exception cause)
    {
        var failure = cause as JournalUnavailableException ?? new JournalUnavailableException($"The journal can't be written: {cause.Message}", cause);
        _logger.LogError(failure, "{Message}", failure.Message);
        _isLost = failure.IsLost;
        _isWritable = false;
        _pending.Close(failure, _logs, _jobs);
        // Before the observers are notified: one of them may advance the clock.
        ProbeLater();
        _batch.Settle(failure);
        _logs.ForEach(log => log.Fail(failure));
        _jobs.ForEach(job => job.Fail(failure));
        _logs.Clear();
        _jobs.Clear();
        if (_isLost)
        {
            TellSettled();
            _writer.Salvage();
        }
    }

    private void Probe()
    {
        try
        {
            _writer.Verify();
            if (_isWritable)
            {
                return;
            }

            _writer.Reopen();
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
        _isWritable = _pending.TryOpen();
        if (_isWritable)
        {
            _logger.LogInformation("The journal can be written again.");
            _writableAgain.Signal();
        }
    }

    private void ProbeLater() => _probeTimer.Change(_options.ProbeInterval, Timeout.InfiniteTimeSpan);
}
