using System.Globalization;

namespace Sluice.Bench.Soak;

/// <summary>One part of the run.</summary>
/// <param name="P99">In milliseconds.</param>
/// <param name="Resident">In MB, at its end.</param>
internal sealed record Part(double P99, double Resident);

/// <summary>Whether a rule holds, and the rule.</summary>
internal sealed record Verdict(string Name, bool Holds, string Rule)
{
    /// <summary>The first part is the warm-up.</summary>
    public static Verdict P99Stable(IReadOnlyList<Part> parts)
    {
        var p99s = parts.Skip(1).Select(part => part.P99).Order().ToArray();
        var median = p99s[p99s.Length / 2];
        var bound = Math.Max(2 * median, median + 5);
        return new("p99 stable", p99s[^1] <= bound, string.Create(CultureInfo.InvariantCulture,
            $"after the first tenth, no tenth's p99 is above twice the median p99, or 5 ms above it where that is more: {p99s[^1]:0.00} of {bound:0.00} ms"));
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

    public override string ToString() => $"{Name}: {(Holds ? "yes" : "NO")} ({Rule})";
}
