using Microsoft.Data.Sqlite;
using Sluice.Engine.Journal;
using Sluice.Engine.Storage.Sqlite;
using static Sluice.Engine.Tests.Storage.Sqlite.DataDirectory;

namespace Sluice.Engine.Tests.Storage.Sqlite;

public sealed class SqliteRejectionStoreTests : IDisposable
{
    private static readonly RejectionRetention Month = new(1000, TimeSpan.FromDays(30));
    private readonly DataDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_refusal_comes_back_as_it_was_kept()
    {
        await using var database = _directory.Open();
        var kept = new RejectedRequest("orders", "/hooks/orders", "192.0.2.1", "wrong-signature", "It is wrong.", Noon, Noon.AddSeconds(1), 7);

        await database.Rejections.AddAsync([kept, kept with { Path = null, RemoteIp = null }], Month, Noon, Token);

        Assert.Equal(
            [kept with { Id = 2, Path = null, RemoteIp = null }, kept with { Id = 1 }],
            await database.Rejections.ListAsync(new RejectionFilter(null, null, 10), Token));
    }

    [Fact]
    public async Task Lists_are_of_one_workflow_or_all_newest_first_in_pages()
    {
        await using var database = _directory.Open();
        await database.Rejections.AddAsync([.. Enumerable.Range(0, 6).Select(i => Of(i % 2 == 0 ? "even" : "odd", Noon))], Month, Noon, Token);

        await HoldsAsync(database, new("even", null, 10), 5, 3, 1);
        await HoldsAsync(database, new(null, null, 2), 6, 5);
        await HoldsAsync(database, new("even", 5, 10), 3, 1);
    }

    [Fact]
    public async Task No_more_are_kept_than_may_be_and_an_id_is_never_given_twice()
    {
        await using var database = _directory.Open();
        var two = new RejectionRetention(2, TimeSpan.FromDays(30));
        await database.Rejections.AddAsync([Of("a", Noon), Of("b", Noon), Of("c", Noon)], two, Noon, Token);
        await database.Rejections.AddAsync([Of("d", Noon)], two, Noon, Token);

        await HoldsAsync(database, new(null, null, 10), 4, 3);
    }

    [Fact]
    public async Task What_is_older_than_it_may_be_is_forgotten_also_where_nothing_comes_any_more()
    {
        await using var database = _directory.Open();
        await database.Rejections.AddAsync([Of("a", Noon), Of("b", Noon.AddDays(1))], Month, Noon.AddDays(1), Token);

        await database.Rejections.AddAsync([], Month, Noon.AddDays(30).AddSeconds(1), Token);
        await HoldsAsync(database, new(null, null, 10), 2);

        await database.Rejections.AddAsync([], Month, Noon.AddDays(90), Token);
        await HoldsAsync(database, new(null, null, 10));
    }

    [Fact]
    public async Task A_file_from_before_refusals_were_kept_takes_them()
    {
        Directory.CreateDirectory(_directory.Path);
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(_directory.Path, SqliteOptions.FileName)};Pooling=false"))
        {
            connection.Open();
            SchemaUpgrade.Perform(connection, last: 6);
        }

        await using var database = _directory.Open();
        await database.Rejections.AddAsync([Of("a", Noon)], Month, Noon, Token);

        await HoldsAsync(database, new(null, null, 10), 1);
    }

    private static RejectedRequest Of(string workflow, DateTimeOffset at) => new(workflow, "/hooks/x", "192.0.2.1", "wrong-signature", "It is wrong.", at, at, 1);

    private static async Task HoldsAsync(SqliteDatabase database, RejectionFilter filter, params long[] ids) =>
        Assert.Equal(ids, (await database.Rejections.ListAsync(filter, Token)).Select(refusal => refusal.Id));
}
