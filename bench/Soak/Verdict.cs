using System.Globalization;

namespace Sluice.Bench.Soak;

/// <summary>The measurements of one part of the soak.</summary>
/// <param name="P99">In milliseconds.</param>
/// <param name="Resident">In MB, at the end of the part.</param>
/// <param name="DiskP99">The baseline of the disk, in milliseconds.</param>
internal sealed record Part(double P99, double Resident, double DiskP99);

/// <summary>A rule, and whether it holds.</summary>
internal sealed record Verdict(string Name, bool Holds, string Rule)
{
    /// <summary>Checks that the host can carry the load: if its queue only grows, the other measurements say little.</summary>
    public static Verdict LoadCarried(IReadOnlyList<Part> parts)
    {
        var median = MedianP99(parts);
        return new("load carried", median < 1000, string.Create(CultureInfo.InvariantCulture,
            $"the median p99 after the first tenth is below a second: {median:0.00} ms; otherwise the machine was slower than during the measurement of the maximum"));
    }

    /// <summary>Checks that the p99 stays stable after the first part, which is the warm-up.</summary>
    /// <remarks>
    /// Each request waits for the disk several times. If the disk alone, under the same load, was slower than its median in a tenth, the
    /// host may be slower by the same factor in it: that part is the fault of the machine.
    /// </remarks>
    public static Verdict P99Stable(IReadOnlyList<Part> parts)
    {
        var (median, disk) = (MedianP99(parts), Median(parts.Skip(1).Select(part => part.DiskP99)));
        var worst = parts.Skip(1).Max(part => part.P99 / Math.Max(1, part.DiskP99 / disk));
        var bound = Math.Max(2 * median, median + 5);
        return new("p99 stable", worst <= bound, string.Create(CultureInfo.InvariantCulture,
            $"after the first tenth, no tenth's p99 is above twice the median p99, or 5 ms above it if that is more: {worst:0.00} of {bound:0.00} ms, after dividing by the slowdown of the disk alone in that tenth"));
    }

    /// <summary>Checks that memory stays flat after the first three parts, in which the runtime finds its heap size.</summary>
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
