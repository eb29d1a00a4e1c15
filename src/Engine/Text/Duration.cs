using System.Globalization;
using System.Text.RegularExpressions;

namespace Sluice.Engine.Text;

/// <summary>Durations as workflows write them, as an integer and a unit: <c>500ms</c>, <c>10s</c>, <c>2m</c>, <c>1h</c>.</summary>
internal static partial class Duration
{
    /// <summary>The expected form, for messages.</summary>
    public const string Form = "a whole number and a unit (ms, s, m, h), such as 500ms, 10s, 2m or 1h";

    /// <summary>Parses a duration; null if the string is not one.</summary>
    public static TimeSpan? Parse(string text)
    {
        var match = Pattern().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var count = long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch
        {
            "ms" => TimeSpan.FromMilliseconds(count),
            "s" => TimeSpan.FromSeconds(count),
            "m" => TimeSpan.FromMinutes(count),
            _ => TimeSpan.FromHours(count),
        };
    }

    /// <summary>Returns the shortest notation of a duration in whole milliseconds.</summary>
    public static string Write(TimeSpan time) => time switch
    {
        _ when time.Ticks % TimeSpan.TicksPerHour == 0 => $"{time.TotalHours}h",
        _ when time.Ticks % TimeSpan.TicksPerMinute == 0 => $"{time.TotalMinutes}m",
        _ when time.Ticks % TimeSpan.TicksPerSecond == 0 => $"{time.TotalSeconds}s",
        _ => $"{time.TotalMilliseconds}ms",
    };

    // Eight digits keep every unit within the range of TimeSpan.
    [GeneratedRegex(@"^([0-9]{1,8})(ms|s|m|h)\z")]
    private static partial Regex Pattern();
}
