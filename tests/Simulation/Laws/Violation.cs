namespace Sluice.Simulation.Laws;

/// <summary>A law that was broken.</summary>
/// <param name="Law">Its number in the list of laws.</param>
/// <param name="Message">What happened.</param>
internal sealed record Violation(int Law, string Message);
