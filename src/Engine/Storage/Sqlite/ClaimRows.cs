using Dapper;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;

namespace Sluice.Engine.Storage.Sqlite;

/// <summary>Table <c>claim</c>: which run holds which key.</summary>
internal static class ClaimRows
{
    /// <summary>Takes a key for a run, also from a claim that is spent; changes nothing if another run holds it. ?1 key, ?2 run, ?3 fingerprint, ?4 expiry, ?5 now.</summary>
    public static readonly string Insert =
        $"""
        insert into claim (key, run, fingerprint, expires_at) values (?1, ?2, ?3, ?4)
        on conflict (key) do update set run = excluded.run, fingerprint = excluded.fingerprint, expires_at = excluded.expires_at
        where {Spent("?5")}
        """;

    public static HeldClaim? Find(SqliteConnection connection, byte[] key, DateTimeOffset now)
    {
        var row = connection.QueryFirstOrDefault<ClaimRow>(
            $"select run, fingerprint from claim where key = @key and not {Spent("@now")}", new { key, now = now.UtcTicks });
        return row is null ? null : new HeldClaim(RunId.FromBytes(row.Run), row.Fingerprint);
    }

    /// <summary>Removes spent claims, the longest expired first; returns how many.</summary>
    public static int RemoveSpent(SqliteConnection connection, DateTimeOffset now, int limit) => connection.Execute(
        $"""
        delete from claim where key in (
            select key from claim indexed by claim_by_expiry where expires_at <= @now and {Spent("@now")} order by expires_at limit @limit)
        """,
        new { now = now.UtcTicks, limit });

    // A claim that keeps nobody out any more: its time is over and its run has ended, or its run is gone.
    private static string Spent(string now) =>
        $"""
        ((claim.expires_at <= {now} and not exists (select 1 from run where run.id = claim.run and run.status <= 2))
        or not exists (select 1 from run where run.id = claim.run))
        """;

    /// <summary>A row of table <c>claim</c>.</summary>
    private sealed record ClaimRow
    {
        public required byte[] Run { get; init; }
        public required byte[] Fingerprint { get; init; }
    }
}
