namespace Sluice.Engine.Definitions;

/// <summary>How many ended runs are kept, and for how long; whichever bound is reached first counts. Null is no bound.</summary>
/// <param name="Age">How long a run is kept once it has ended.</param>
/// <param name="Runs">How many runs are kept.</param>
/// <param name="Bytes">How many bytes of runs are kept.</param>
internal sealed record RetentionSettings(TimeSpan? Age, long? Runs, long? Bytes);
