using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Makes changes other than the entries of runs, in the transactions of the commit queue.</summary>
internal sealed class SqliteWriter(CommitQueue queue, SqliteBatchWriter batches)
{
    /// <summary>Has the writer make a change: durable, or undone, when the task completes.</summary>
    /// <exception cref="JournalUnavailableException">It can't be written now.</exception>
    public async ValueTask<T> WriteAsync<T>(Func<SqliteConnection, T> change, CancellationToken cancellationToken)
    {
        var job = new Job<T>(batches, change, cancellationToken);
        queue.Enqueue(job);
        return await job.Outcome;
    }

    private sealed class Job<T>(SqliteBatchWriter batches, Func<SqliteConnection, T> change, CancellationToken cancellationToken) : WriteJob
    {
        private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;
        private Exception? _failure;

        public Task<T> Outcome => _outcome.Task;

        public override void Perform()
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                batches.Change(connection => _result = change(connection));
            }
            catch (SqliteException failure) when (!SqliteFailure.IsOfOneRow(failure.SqliteErrorCode))
            {
                throw;
            }
            catch (Exception failure)
            {
                _failure = failure;
            }
        }

        public override void Settle()
        {
            if (_failure is null)
            {
                _outcome.TrySetResult(_result!);
            }
            else
            {
                _outcome.TrySetException(_failure);
            }
        }

        public override void Fail(Exception failure) => _outcome.TrySetException(failure);
    }
}
