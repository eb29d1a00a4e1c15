namespace Sluice.Engine.Execution;

/// <summary>Ends the steps whose node does not come back after its timeout or its cancellation: a node that blocks its thread never sees its token.</summary>
/// <remarks>The walk of such a run stands on the blocked thread, so the step is ended here, and the thread finds out when the call returns.</remarks>
internal sealed class CallWatch : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly Runner _runner;
    private readonly ITimer _timer;
    private bool _isLooking;

    public CallWatch(Runner runner, TimeProvider time)
    {
        _runner = runner;
        _timer = time.CreateTimer(_ => LookOnce(), null, Look, Look);
    }

    public void Dispose() => _timer.Dispose();

    private void LookOnce()
    {
        if (_runner.ActiveCount == 0 || Interlocked.Exchange(ref _isLooking, true))
        {
            return;
        }

        try
        {
            _runner.GiveUpStuckCalls();
        }
        finally
        {
            Volatile.Write(ref _isLooking, false);
        }
    }
}
