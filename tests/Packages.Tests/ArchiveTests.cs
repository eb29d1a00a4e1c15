using System.IO.Compression;
using Sluice.Packages;

namespace Sluice.Packages.Tests;

public sealed class ArchiveTests : IDisposable
{
    private readonly PackageBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("../evil.dll")]
    [InlineData("a/../../evil.dll")]
    [InlineData("a\\..\\..\\evil.dll")]
    [InlineData("/etc/evil")]
    [InlineData("\\\\server\\share\\evil")]
    [InlineData("C:evil.dll")]
    [InlineData("c:/evil.dll")]
    [InlineData("a/evil.dll:stream")]
    [InlineData("a/.. /evil.dll")]
    [InlineData("a//evil.dll")]
    [InlineData("./evil.dll")]
    [InlineData("a/evil\0.dll")]
    public async Task An_entry_that_leaves_the_folder_is_refused_before_anything_is_unpacked(string entry)
    {
        var zip = _bench.Zip("evil.zip", new() { ["good.txt"] = null, [entry] = null });

        Assert.Contains("Nothing was unpacked", await _bench.RefusedAsync("leaves-folder", zip), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_entry_that_leaves_the_folder_only_when_it_is_unescaped_is_refused()
    {
        var package = _bench.PackSample("1.0.0");
        using (var zip = ZipFile.Open(package, ZipArchiveMode.Update))
        {
            zip.CreateEntry("lib/net10.0/%2e%2e%2f%2e%2e%2fevil.dll");
        }

        await _bench.RefusedAsync("leaves-folder", package);
    }

    [Fact]
    public async Task A_link_is_refused()
    {
        var path = _bench.PathOf("link.zip");
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            zip.CreateEntry("link").ExternalAttributes = unchecked((int)0xA1FF0000);
        }

        Assert.Contains("a link", await _bench.RefusedAsync("leaves-folder", path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A.dll", "a.DLL")]
    [InlineData("A.dll", "A.dll")]
    [InlineData("a", "A/b.dll")]
    public async Task Names_that_one_folder_can_not_hold_on_every_platform_are_refused(string one, string two)
    {
        var path = _bench.PathOf("twice.zip");
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            zip.CreateEntry(one);
            zip.CreateEntry(two);
        }

        await _bench.RefusedAsync("entry-twice", path);
    }

    [Fact]
    public async Task More_bytes_than_allowed_are_refused_by_what_comes_out_whatever_the_archive_says()
    {
        var zeros = _bench.PathOf("zeros");
        await File.WriteAllBytesAsync(zeros, new byte[300_000], TestContext.Current.CancellationToken);
        var zip = _bench.Zip("bomb.zip", new() { ["Bomb/zeros"] = zeros });
        var bytes = await File.ReadAllBytesAsync(zip, TestContext.Current.CancellationToken);
        _bench.Options = new() { Limits = new UnpackLimits { MaxBytes = 200_000 } };

        Assert.InRange(bytes.Length, 1, 10_000);
        Assert.Contains("200000 bytes", await _bench.RefusedAsync("too-large", zip), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_entries_than_allowed_are_refused()
    {
        var zip = _bench.Zip("many.zip", new() { ["a"] = null, ["b"] = null, ["c"] = null });
        _bench.Options = new() { Limits = new UnpackLimits { MaxEntries = 2 } };

        await _bench.RefusedAsync("too-large", zip);
    }

    [Fact]
    public async Task An_archive_that_is_cut_short_or_altered_is_refused()
    {
        var zip = _bench.Zip("short.zip", new() { ["Sample/Sample.dll"] = PackageBench.Fixture("Sample/Sample.dll") });
        var bytes = await File.ReadAllBytesAsync(zip, TestContext.Current.CancellationToken);
        bytes.AsSpan(200, 200).Fill(0xFF);
        var altered = _bench.PathOf("altered.zip");
        await File.WriteAllBytesAsync(altered, bytes, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(zip, bytes[..(bytes.Length / 2)], TestContext.Current.CancellationToken);

        await _bench.RefusedAsync("corrupt", zip);
        await _bench.RefusedAsync("corrupt", altered);
    }
}
