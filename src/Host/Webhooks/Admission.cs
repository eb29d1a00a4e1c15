namespace Sluice.Host.Webhooks;

/// <summary>Says whether the host takes one more request: not while it drains, and not past its bound.</summary>
internal sealed class Admission(int maxRuns)
{
    private volatile bool _draining;

    public bool IsDraining => _draining;

    /// <summary>From now on nothing new is taken.</summary>
    public void Drain() => _draining = true;

    /// <summary>Null where one more run is taken; else what the caller is told.</summary>
    /// <param name="activeRuns">How many runs are under way.</param>
    /// <param name="writable">Whether the journal can be written.</param>
    public HttpProblem? Refuse(int activeRuns, bool writable) => this switch
    {
        { IsDraining: true } => Problems.Draining,
        _ when !writable => Problems.NotDurable,
        _ when activeRuns >= maxRuns => Problems.TooManyRuns,
        _ => null,
    };
}
