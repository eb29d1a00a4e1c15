using System.Diagnostics;
using System.Globalization;

namespace Sluice.Simulation;

/// <summary>The seeds that a test simulates: one that the environment names, or as many as the time allows.</summary>
internal static class Seeds
{
    public const string Variable = "SLUICE_SIM_SEED";

    private const string SecondsVariable = "SLUICE_SIM_SECONDS";

    // For one test; .ci/run allows more.
    private const double DefaultSeconds = 2;

    // The most tests that share the time.
    private const int Tests = 3;

    public static IEnumerable<int> All(CancellationToken cancellationToken)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            yield return int.Parse(named, CultureInfo.InvariantCulture);
            yield break;
        }

        var given = Environment.GetEnvironmentVariable(SecondsVariable);
        var seconds = string.IsNullOrEmpty(given) ? DefaultSeconds : double.Parse(given, CultureInfo.InvariantCulture) / Tests;
        var began = Stopwatch.GetTimestamp();
        for (var seed = 1; seed == 1 || Stopwatch.GetElapsedTime(began).TotalSeconds < seconds; seed++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return seed;
        }
    }
}
