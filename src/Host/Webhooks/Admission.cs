namespace Sluice.Host.Webhooks;

/// <summary>Decides whether the host accepts another request: not while it drains, and not beyond its limit.</summary>
internal sealed class Admission
{
    private volatile bool _draining;

    public bool IsDraining => _draining;

    /// <summary>Rejects all new requests from now on.</summary>
    public void Drain() => _draining = true;

    /// <summary>Checks whether another run is accepted; null if so, otherwise the problem to respond with.</summary>
    /// <param name="hasRoom">Whether there is room for it among the active or the queued runs.</param>
    /// <param name="writable">Whether the journal is writable.</param>
    public HttpProblem? Refuse(bool hasRoom, bool writable) => this switch
    {
        { IsDraining: true } => Problems.Draining,
        _ when !writable => Problems.NotDurable,
        _ when !hasRoom => Problems.TooManyRuns,
        _ => null,
    };
}
