using System.Globalization;

namespace Sluice.Bench.Soak;

/// <summary>One part of the run.</summary>
/// <param name="P99">In milliseconds.</param>
/// <param name="Resident">In MB, at its end.</param>
/// <param name="DiskP99">Of the yardstick, in milliseconds.</param>
internal sealed record Part(double P99, double Resident, double DiskP99);

/// <summary>Whether a rule holds, and the rule.</summary>
internal sealed record Verdict(string Name, bool Holds, string Rule)
{
    /// <summary>A queue that only grows is no load that the host carries, and what else is measured then says little.</summary>
    public static Verdict LoadCarried(IReadOnlyList<Part> parts)
    {
        var median = MedianP99(parts);
        return new("load carried", median < 1000, string.Create(CultureInfo.InvariantCulture,
            $"the median p99 after the first tenth is below a second: {median:0.00} ms; else the machine had less to give than while the maximum was measured"));
    }

    /// <summary>The first part is the warm-up.</summary>
    /// <remarks>
    /// Each request waits for the disk several times over. So a tenth in which the disk alone, under the same load, took longer than it mostly does may be as
    /// much longer: that is the machine's, and the rest of it the host's.
    /// </remarks>
    public static Verdict P99Stable(IReadOnlyList<Part> parts)
    {
        var (median, disk) = (MedianP99(parts), Median(parts.Skip(1).Select(part => part.DiskP99)));
        var worst = parts.Skip(1).Max(part => part.P99 / Math.Max(1, part.DiskP99 / disk));
        var bound = Math.Max(2 * median, median + 5);
        return new("p99 stable", worst <= bound, string.Create(CultureInfo.InvariantCulture,
            $"after the first tenth, no tenth's p99 is above twice the median p99, or 5 ms above it where that is more: {worst:0.00} of {bound:0.00} ms, less what the disk alone was slower in that tenth than at its median"));
    }

    /// <summary>The first three parts are the time that the runtime takes to find its size.</summary>
    public static Verdict MemoryFlat(IReadOnlyList<Part> parts)
    {
        var middle = parts.Skip(3).Take(3).Average(part => part.Resident);
        var last = parts.TakeLast(3).Average(part => part.Resident);
        var bound = (1.1 * middle) + 8;
        return new("memory flat", last <= bound, string.Create(CultureInfo.InvariantCulture,
            $"resident on average over the last three tenths is at most 10 % and 8 MB above that of the fourth to sixth: {last:0.0} of {bound:0.0} MB"));
    }

    private static double MedianP99(IReadOnlyList<Part> parts) => Median(parts.Skip(1).Select(part => part.P99));

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    public override string ToString() => $"{Name}: {(Holds ? "yes" : "NO")} ({Rule})";
}
