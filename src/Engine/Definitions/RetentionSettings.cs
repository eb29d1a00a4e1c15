namespace Sluice.Engine.Definitions;

/// <summary>How many ended runs are kept, and for how long. The bound that is reached first applies; null means no bound.</summary>
/// <param name="Age">How long a run is kept after it ended.</param>
/// <param name="Runs">How many runs are kept.</param>
/// <param name="Bytes">How many bytes of runs are kept.</param>
internal sealed record RetentionSettings(TimeSpan? Age, long? Runs, long? Bytes);
