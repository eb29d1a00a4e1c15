using System.Diagnostics;

namespace Sluice.Engine.Metrics;

/// <summary>The source of the engine's activities: one for each request, run and step. Creates none while nobody listens.</summary>
internal static class EngineActivities
{
    public static ActivitySource Source { get; } = new(EngineMetrics.Name);
}
