using System.Globalization;
using Sluice.Engine.Expressions.Scalars;

namespace Sluice.Engine.Expressions.Functions;

/// <summary>
/// Date arithmetic. A date is an ISO 8601 string (UTC if it has no offset), an HTTP date, or a number of seconds since 1970.
/// </summary>
internal static class Dates
{
    private const string Iso = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    private const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd", "r",
    ];

    public static Scalar Now(CallArguments arguments) => Text(arguments.Scope.Now);

    public static Scalar Add(CallArguments arguments)
    {
        var date = Date(arguments, 0, "date");
        var amount = arguments.Number(1, "amount");
        try
        {
            return Text(Unit(arguments) switch
            {
                "month" => date.AddMonths(checked((int)amount)),
                "year" => date.AddYears(checked((int)amount)),
                var unit => date + TimeSpan.FromMilliseconds(amount * Milliseconds(arguments, unit)),
            });
        }
        catch (Exception exception) when (exception is ArgumentOutOfRangeException or OverflowException)
        {
            throw arguments.Fault("the result lies outside of the years 1 to 9999", exception);
        }
    }

    public static Scalar Difference(CallArguments arguments)
    {
        var between = Date(arguments, 1, "second date") - Date(arguments, 0, "first date");
        return Scalar.Of(between.TotalMilliseconds / Milliseconds(arguments, Unit(arguments)));
    }

    public static Scalar Format(CallArguments arguments)
    {
        var date = Date(arguments, 0, "date");
        var format = FormatText(arguments);
        try
        {
            return Scalar.Of(date.ToString(format, CultureInfo.InvariantCulture));
        }
        catch (FormatException exception)
        {
            throw arguments.Fault($"{arguments.Quote(format)} is not a date format; yyyy-MM-dd HH:mm:ss is one", exception);
        }
    }

    public static Scalar Parse(CallArguments arguments)
    {
        var text = arguments.Text(0, "text");
        var format = FormatText(arguments);
        return DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, Utc, out var date)
            ? Text(date)
            : throw arguments.Fault($"{arguments.Quote(text)} is not a date in the format {arguments.Quote(format)}");
    }

    public static Scalar Unix(CallArguments arguments) => Scalar.Of((double)Date(arguments, 0, "date").ToUnixTimeSeconds());

    private static Scalar Text(DateTimeOffset date) => Scalar.Of(date.UtcDateTime.ToString(Iso, CultureInfo.InvariantCulture));

    private static DateTimeOffset Date(CallArguments arguments, int index, string name)
    {
        if (arguments[index].Kind == ScalarKind.Number)
        {
            var seconds = arguments.Number(index, name);
            return seconds is > -62_135_596_800 and < 253_402_300_799
                ? DateTimeOffset.UnixEpoch + TimeSpan.FromMilliseconds(Math.Round(seconds * 1000))
                : throw arguments.Fault($"the {name} is a number of seconds since 1970, and this one is too great; divide milliseconds by 1000");
        }

        var text = arguments.RequiredText(index, name);
        return DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, Utc, out var date)
            ? date
            : throw arguments.Fault($"the {name} {arguments.Quote(text)} is not an ISO 8601 date such as 2026-03-01T12:00:00Z; date_parse reads other forms");
    }

    private static string FormatText(CallArguments arguments) =>
        arguments.RequiredText(1, "format") is { Length: <= 100 } format
            ? format
            : throw arguments.Fault("the format has more than 100 characters");

    private static string Unit(CallArguments arguments) => arguments.RequiredText(2, "unit").TrimEnd('s');

    private static double Milliseconds(CallArguments arguments, string unit) => unit switch
    {
        "millisecond" => 1,
        "second" => 1_000,
        "minute" => 60_000,
        "hour" => 3_600_000,
        "day" => 86_400_000,
        "week" => 604_800_000,
        "month" or "year" => throw arguments.Fault("months and years differ in length; use weeks or a shorter unit"),
        _ => throw arguments.Fault($"there is no unit {arguments.Quote(arguments.Text(2, "unit"))}; use seconds, minutes, hours, days or weeks"),
    };
}
