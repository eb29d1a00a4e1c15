namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Times as the database holds them: ticks of 100 ns in UTC.</summary>
internal static class Ticks
{
    public static DateTimeOffset ToTime(long ticks) => new(ticks, TimeSpan.Zero);

    public static DateTimeOffset? ToTime(long? ticks) => ticks is { } known ? ToTime(known) : null;
}
