using Sluice.Packages;

namespace Sluice.Packages.Tests;

public sealed class ClosureResolverTests : IDisposable
{
    private readonly PackageBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Each_package_is_taken_once_in_the_lowest_version_that_fits_all()
    {
        _bench.PackSample("1.0.0", "A 1.0.0", "B 1.0.0");
        Library("A 1.0.0", "C [1.0.0, 3.0.0)");
        Library("B 1.0.0", "C 2.0.0");
        Library("C 1.0.0", "OnlyOfTheOld 1.0.0");
        Library("C 2.0.0", "A 1.0.0");
        Library("C 2.5.0");
        Library("OnlyOfTheOld 1.0.0");

        Assert.Equal(["A 1.0.0", "B 1.0.0", "C 2.0.0"], (await _bench.AddAsync("Sample")).Dependencies);
    }

    [Fact]
    public async Task The_next_version_is_taken_where_the_lowest_was_never_published()
    {
        _bench.PackSample("1.0.0", "A 1.0.0");
        Library("A 1.0.1-beta");
        Library("A 1.0.2");

        Assert.Equal(["A 1.0.2"], (await _bench.AddAsync("Sample")).Dependencies);
    }

    [Fact]
    public async Task Wishes_that_no_version_meets_are_a_conflict_and_all_are_named()
    {
        _bench.PackSample("1.0.0", "A 1.0.0", "B 1.0.0");
        Library("A 1.0.0", "C [1.0.0]");
        Library("B 1.0.0", "C 2.0.0");
        Library("C 1.0.0");
        Library("C 2.0.0");

        var message = await _bench.RefusedAsync("conflict", "Sample");

        Assert.Contains("A 1.0.0 needs C (= 1.0.0), B 1.0.0 needs C (>= 2.0.0)", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dependency_that_no_feed_has_is_named_with_who_needs_it()
    {
        _bench.PackSample("1.0.0", "Lost 1.0.0");

        Assert.Contains("no package Lost, which Sample 1.0.0 needs", await _bench.RefusedAsync("unknown-package", "Sample"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_feed_that_knows_a_package_serves_it_though_a_later_one_has_a_newer()
    {
        var other = _bench.PathOf("other");
        _bench.PackSample("1.0.0");
        _bench.Pack("Sample 9.0.0", new() { ["lib/net10.0/Sample.dll"] = null }, [], other);
        _bench.Options = new() { Feeds = [_bench.Feed, other] };

        Assert.Equal("1.0.0", (await _bench.AddAsync("Sample")).Entry.Version);
    }

    private void Library(string name, params string[] dependencies) =>
        _bench.Pack(name, new() { [$"lib/net8.0/{name.Split(' ')[0]}.txt"] = null }, dependencies);
}
