using System.Security.Cryptography;
using System.Text;
using Sluice.Engine.Blobs;
using Sluice.Engine.Journal;
using Sluice.Engine.Tests.Storage.Sqlite;

namespace Sluice.Engine.Tests.Blobs;

public sealed class BlobStoreTests : IDisposable
{
    private readonly DataDirectory _data = new();
    private readonly RunId _run = RunId.New(DateTimeOffset.UtcNow);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task A_file_that_was_kept_is_found_by_its_run_and_its_id_and_by_no_other()
    {
        var store = Open();
        var blob = await KeepAsync(store, _run, "hello");

        Assert.Equal(("a.txt", "text/plain", 5L), (blob.Name, blob.ContentType, blob.Size));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("hello"u8)), blob.Sha256);
        Assert.Equal("hello", await File.ReadAllTextAsync(store.Find(_run, blob.Id)!.Path, Token));
        Assert.Null(store.Find(RunId.New(DateTimeOffset.UtcNow), blob.Id));
        Assert.Null(store.Find(_run, BlobStore.NewId()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../sluice.db")]
    [InlineData("..")]
    [InlineData("/etc/passwd")]
    [InlineData("0123456789abcdef0123456789abcde")]
    [InlineData("0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("../0123456789abcdef0123456789abc")]
    public async Task What_is_no_id_finds_nothing(string id)
    {
        var store = Open();
        await KeepAsync(store, _run, "hello");

        Assert.Null(store.Find(_run, id));
    }

    [Fact]
    public async Task What_was_not_kept_is_gone_with_its_request_and_so_is_the_room_that_it_took()
    {
        var store = Open();
        using (var upload = store.Receive(_run))
        {
            await WriteAsync(upload, "hello");
            Assert.Equal(5, store.Bytes);
        }

        Assert.Equal(0, store.Bytes);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task What_was_being_received_when_the_host_ended_is_gone_at_the_next_start_and_what_was_kept_is_not()
    {
        var store = Open();
        var kept = await KeepAsync(store, _run, "kept");
        await WriteAsync(store.Receive(RunId.New(DateTimeOffset.UtcNow)), "cut off");
        await store.NewScratch().WriteAsync("scratch"u8.ToArray(), Token);

        var next = Open();

        Assert.Equal(store.Find(_run, kept.Id)!.Path, Assert.Single(Files()));
        Assert.Equal(4, next.Bytes);
        Assert.Equal([_run], next.Runs());
    }

    [Fact]
    public async Task A_file_beyond_its_limit_is_none()
    {
        using var upload = Open().Receive(_run);

        Assert.Null(await upload.WriteAsync(null, "text/plain", new MemoryStream(new byte[11]), 10, Token));
        Assert.NotNull(await upload.WriteAsync(null, "text/plain", new MemoryStream(new byte[10]), 10, Token));
    }

    [Fact]
    public async Task Files_beyond_the_room_that_they_may_take_are_refused_and_those_before_them_stay()
    {
        var store = Open(maxBytes: 10);
        var first = await KeepAsync(store, _run, "12345");
        using (var second = store.Receive(RunId.New(DateTimeOffset.UtcNow)))
        {
            await Assert.ThrowsAsync<BlobStoreException>(() => WriteAsync(second, "123456"));
        }

        Assert.Equal(5, store.Bytes);
        Assert.NotNull(store.Find(_run, first.Id));
        store.Delete(_run);
        Assert.Equal(0, store.Bytes);
        await KeepAsync(store, RunId.New(DateTimeOffset.UtcNow), "1234567890");
    }

    [Fact]
    public async Task What_was_kept_for_a_run_that_will_not_be_can_be_let_go()
    {
        var store = Open();
        using (var upload = store.Receive(_run))
        {
            await WriteAsync(upload, "hello");
            await upload.KeepAsync();
            upload.Discard();
        }

        Assert.Equal(0, store.Bytes);
        Assert.Empty(store.Runs());
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_is_told_as_that()
    {
        var store = Open();
        using var upload = store.Receive(_run);
        Directory.Delete(Path.Combine(_data.Path, "incoming"));
        await File.WriteAllTextAsync(Path.Combine(_data.Path, "incoming"), "in the way", Token);

        await Assert.ThrowsAsync<BlobStoreException>(() => WriteAsync(upload, "hello"));
    }

    [Fact]
    public async Task A_scratch_file_is_read_as_memory_and_gone_when_it_is_disposed()
    {
        var store = Open();
        ReadOnlyMemory<byte> read;
        using (var scratch = store.NewScratch())
        {
            await scratch.WriteAsync("hello "u8.ToArray(), Token);
            await scratch.WriteAsync("world"u8.ToArray(), Token);
            read = scratch.Read();
            Assert.Equal("hello world", Encoding.UTF8.GetString(read.Span));
            Assert.Equal(11, store.Bytes);
        }

        Assert.Equal(0, store.Bytes);
        Assert.Empty(Files());
        Assert.Throws<ObjectDisposedException>(() => read.Span.Length);
    }

    private BlobStore Open(long maxBytes = 1000) => BlobStore.Open(_data.Path, maxBytes);

    private string[] Files() => Directory.GetFiles(_data.Path, "*", SearchOption.AllDirectories);

    private static async Task<Blob> KeepAsync(BlobStore store, RunId run, string content)
    {
        using var upload = store.Receive(run);
        var blob = await WriteAsync(upload, content);
        await upload.KeepAsync();
        return blob;
    }

    private static async Task<Blob> WriteAsync(BlobUpload upload, string content) =>
        (await upload.WriteAsync("a.txt", "text/plain", new MemoryStream(Encoding.UTF8.GetBytes(content)), 1000, Token))!;
}
