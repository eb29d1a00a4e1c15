using Microsoft.Data.Sqlite;

namespace Sluice.Engine.Journal.Sqlite;

/// <summary>A change other than a run's entries, done by the writer inside one of its transactions.</summary>
internal abstract class WriteJob
{
    /// <summary>Does the change. A failure of its own is kept and the change undone; a failure of the database goes up.</summary>
    public abstract void Perform(SqliteConnection connection, RunStatements statements);

    /// <summary>The transaction is durable: says how it came out.</summary>
    public abstract void Settle();

    /// <summary>The transaction is not durable.</summary>
    public abstract void Fail(Exception failure);
}

/// <summary>A change that gives something back.</summary>
internal sealed class WriteJob<T>(Func<SqliteConnection, T> change, CancellationToken cancellationToken) : WriteJob
{
    private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;
    private Exception? _failure;

    public Task<T> Outcome => _outcome.Task;

    public override void Perform(SqliteConnection connection, RunStatements statements)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            statements.InPieces(() => _result = change(connection));
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
