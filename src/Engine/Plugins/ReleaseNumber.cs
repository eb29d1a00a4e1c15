using System.Globalization;

namespace Sluice.Engine.Plugins;

/// <summary>
/// A version that compares as in Semantic Versioning 2.0.0. Parsing is lenient: a part that is missing or not a number counts as 0.
/// </summary>
internal readonly record struct ReleaseNumber(int Major, int Minor, int Patch, int Revision, string Preview) : IComparable<ReleaseNumber>
{
    public static ReleaseNumber Parse(string version)
    {
        var core = version.Split('+')[0];
        var dash = core.IndexOf('-', StringComparison.Ordinal);
        var parts = (dash < 0 ? core : core[..dash]).Split('.');
        return new ReleaseNumber(Part(0), Part(1), Part(2), Part(3), dash < 0 ? "" : core[(dash + 1)..]);

        int Part(int index) =>
            index < parts.Length && int.TryParse(parts[index], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    public int CompareTo(ReleaseNumber other)
    {
        var core = (Major, Minor, Patch, Revision).CompareTo((other.Major, other.Minor, other.Patch, other.Revision));
        return (core, Preview, other.Preview) switch
        {
            (not 0, _, _) => core,
            (_, "", "") => 0,
            // A prerelease precedes its release.
            (_, "", _) => 1,
            (_, _, "") => -1,
            _ => ComparePreviews(Preview.Split('.'), other.Preview.Split('.')),
        };
    }

    private static int ComparePreviews(string[] left, string[] right)
    {
        foreach (var (one, other) in left.Zip(right))
        {
            var isNumber = int.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out var first);
            var isOtherNumber = int.TryParse(other, NumberStyles.None, CultureInfo.InvariantCulture, out var second);
            var order = (isNumber, isOtherNumber) switch
            {
                (true, true) => first.CompareTo(second),
                (true, false) => -1,
                (false, true) => 1,
                _ => string.CompareOrdinal(one, other),
            };
            if (order != 0)
            {
                return order;
            }
        }

        return left.Length.CompareTo(right.Length);
    }
}
