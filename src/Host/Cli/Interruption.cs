using System.Runtime.InteropServices;

namespace Sluice.Host.Cli;

/// <summary>
/// Turns Ctrl+C (SIGINT) and SIGTERM into a cancellation, so that a command removes its temporary files and ends its child processes. A second
/// signal ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _signal;

    public Interruption() => _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>What a shell reports of a program that a signal ended: 128 and the number of the signal.</summary>
    public int ExitCode => (PosixSignal)_signal == PosixSignal.SIGTERM ? 128 + 15 : 128 + 2;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref _signal, (int)context.Signal, 0) != 0)
        {
            Environment.Exit(ExitCode);
        }

        // Callbacks of the token are anybody's: not on the thread that signals come on.
        ThreadPool.QueueUserWorkItem(static source => source.Cancel(), _source, preferLocal: false);
    }
}
