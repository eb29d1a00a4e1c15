namespace Sluice.Engine.Text;

/// <summary>Suggests the name that was most likely meant by one that does not exist.</summary>
internal static class DidYouMean
{
    // Longer names are never typed by hand, and the computation takes the product of the lengths.
    private const int LongestName = 64;

    /// <summary>Returns the candidate that is close enough to be a typo; null if there is none.</summary>
    public static string? Closest(string name, IEnumerable<string> candidates)
    {
        if (name.Length is 0 or > LongestName)
        {
            return null;
        }

        string? closest = null;
        // One typo, plus one for every three letters beyond the third.
        var least = Math.Max(1, name.Length / 3) + 1;
        foreach (var candidate in candidates)
        {
            if (candidate.Length is 0 or > LongestName || Math.Abs(candidate.Length - name.Length) >= least)
            {
                continue;
            }

            // A name that shares no letter with the candidate is no typo.
            var distance = Distance(Plain(name), Plain(candidate));
            if (distance < least && distance < Math.Max(name.Length, candidate.Length))
            {
                (closest, least) = (candidate, distance);
            }
        }

        return closest;
    }

    /// <summary>Returns " Did you mean 'x'?" with its leading space, or an empty string.</summary>
    public static string Hint(string name, IEnumerable<string> candidates) =>
        Closest(name, candidates) is { } closest ? $" Did you mean '{closest}'?" : "";

    private static string Plain(string name) => name.Replace('-', '_').ToLowerInvariant();

    // Optimal string alignment: an insertion, deletion, replacement or swap of two neighbors each costs one.
    private static int Distance(string left, string right)
    {
        var beforeLast = new int[right.Length + 1];
        var last = new int[right.Length + 1];
        var current = new int[right.Length + 1];
        for (var column = 0; column <= right.Length; column++)
        {
            last[column] = column;
        }

        for (var row = 1; row <= left.Length; row++)
        {
            current[0] = row;
            for (var column = 1; column <= right.Length; column++)
            {
                var cost = left[row - 1] == right[column - 1] ? 0 : 1;
                var best = Math.Min(Math.Min(current[column - 1], last[column]) + 1, last[column - 1] + cost);
                var swapped = row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1];
                current[column] = swapped ? Math.Min(best, beforeLast[column - 2] + 1) : best;
            }

            (beforeLast, last, current) = (last, current, beforeLast);
        }

        return last[right.Length];
    }
}
