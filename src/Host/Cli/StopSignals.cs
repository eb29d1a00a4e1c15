using System.Runtime.InteropServices;

namespace Sluice.Host.Cli;

/// <summary>
/// Turns Ctrl+C (SIGINT) and SIGTERM into a cancellation, so that a command removes its temporary files and ends its child processes. A
/// second signal ends the process immediately, and so does a timeout: plugin code that blocks ignores the cancellation.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    /// <summary>How long a command may take after the signal.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Timer _patience;
    private volatile bool _isBoundElsewhere;
    private int _signal;

    public StopSignals()
    {
        _patience = new Timer(_ => EndOverdue());
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The exit code that shells use for a program ended by a signal: 128 plus the signal number.</summary>
    public int ExitCode => (PosixSignal)_signal == PosixSignal.SIGTERM ? 128 + 15 : 128 + 2;

    /// <summary>Disables the timeout, because a serving host drains for as long as its operator allows.</summary>
    public void LeaveTheBoundToTheHost() => _isBoundElsewhere = true;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _patience.Dispose();
        _source.Dispose();
    }

    private void EndOverdue()
    {
        if (!_isBoundElsewhere)
        {
            Console.Error.WriteLine($"The command did not end within {Patience.TotalSeconds} s after the signal, so it was stopped. It may have left temporary files behind.");
            Environment.Exit(ExitCode);
        }
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref _signal, (int)context.Signal, 0) != 0)
        {
            Environment.Exit(ExitCode);
        }

        _patience.Change(Patience, Timeout.InfiniteTimeSpan);
        // Callbacks of the token can be any code: keep them off the signal thread.
        ThreadPool.QueueUserWorkItem(static source => Cancel(source), _source, preferLocal: false);
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The command ended by itself before the signal arrived.
        }
    }
}
