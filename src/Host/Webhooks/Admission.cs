namespace Sluice.Host.Webhooks;

/// <summary>Says whether the host takes one more request: not while it drains, and not past its bound.</summary>
internal sealed class Admission
{
    private volatile bool _draining;

    public bool IsDraining => _draining;

    /// <summary>From now on nothing new is taken.</summary>
    public void Drain() => _draining = true;

    /// <summary>Null where one more run is taken; else what the caller is told.</summary>
    /// <param name="hasRoom">Whether there is a place for it among the runs under way, or among those that wait.</param>
    /// <param name="writable">Whether the journal can be written.</param>
    public HttpProblem? Refuse(bool hasRoom, bool writable) => this switch
    {
        { IsDraining: true } => Problems.Draining,
        _ when !writable => Problems.NotDurable,
        _ when !hasRoom => Problems.TooManyRuns,
        _ => null,
    };
}
