using Sluice.Engine.Journal;

namespace Sluice.Engine.Execution;

/// <summary>A run that is no longer active and has not ended: it is suspended, held or detached.</summary>
/// <param name="Run">The run.</param>
/// <param name="Outcome">Why it left, and what it waits for.</param>
internal readonly record struct Departure(RunId Run, StepOutcome Outcome);
