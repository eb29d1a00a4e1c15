namespace Sluice.Engine.Plugins.Loading;

/// <summary>The deadlines that the host's plugins have, and the count of what missed them.</summary>
/// <param name="threads">Where plugin code runs.</param>
/// <param name="limit">How long one plugin may take to load, and one check of a config later.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">Cancelled when the host stops: nobody waits for plugin code then.</param>
internal sealed class LoadDeadlines(PluginThreads threads, TimeSpan limit, TimeProvider time, CancellationToken stopping)
{
    /// <summary>The calls of all plugins that were written off and have not returned.</summary>
    public WrittenOff WrittenOff { get; } = new();

    public TimeSpan Limit => limit;

    /// <summary>Begins the time of one plugin.</summary>
    public LoadDeadline Begin(CancellationToken cancellationToken) => new(threads, limit, new WrittenOff(WrittenOff), time, cancellationToken, stopping);

    /// <summary>The bound for the calls of a version that is loaded.</summary>
    public BoundedCode Bound(WrittenOff writtenOff) => new(threads, limit, writtenOff, time, stopping);
}
