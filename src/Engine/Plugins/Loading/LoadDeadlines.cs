namespace Sluice.Engine.Plugins.Loading;

/// <summary>Creates the deadlines of the host's plugins, and counts the calls that missed them.</summary>
/// <param name="threads">The threads that run plugin code.</param>
/// <param name="limit">The time limit of loading one plugin, and of one later check of a config.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">Cancelled when the host stops; then plugin code is no longer awaited.</param>
internal sealed class LoadDeadlines(PluginThreads threads, TimeSpan limit, TimeProvider time, CancellationToken stopping)
{
    /// <summary>Counts the calls of all plugins that were written off and have not returned.</summary>
    public WrittenOff WrittenOff { get; } = new();

    public TimeSpan Limit => limit;

    /// <summary>Starts the deadline of one plugin.</summary>
    public LoadDeadline Begin(CancellationToken cancellationToken) => new(threads, limit, new WrittenOff(WrittenOff), time, cancellationToken, stopping);

    /// <summary>Returns the limit for calls of a loaded version.</summary>
    public BoundedCode Bound(WrittenOff writtenOff) => new(threads, limit, writtenOff, time, stopping);
}
