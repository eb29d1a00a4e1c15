using System.IO.Compression;
using System.Text;
using Sluice.Engine.Blobs;
using Sluice.Host.Webhooks;
using Sluice.Host.Webhooks.Bodies;

namespace Sluice.Host.Tests.Webhooks.Bodies;

public sealed class ContentCodingsTests : IDisposable
{
    private const int Limit = 400_000;

    // Half of it can't be made smaller, so each coding has many blocks.
    private static readonly byte[] Plain = MakePlain();
    private readonly TestFolder _folder = new();
    private readonly List<Spool> _spools = [];
    private readonly BlobStore _blobs;

    public ContentCodingsTests() => _blobs = BlobStore.Open(_folder.Data, 100_000_000);

    public static TheoryData<string> Codings => ["gzip", "x-gzip", "deflate", "br"];

    public void Dispose()
    {
        _spools.ForEach(spool => spool.Dispose());
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task A_coding_is_undone(string coding) => Assert.Equal(Plain, await UndoneAsync(coding, Coded(coding, Plain)));

    [Theory]
    [InlineData("")]
    [InlineData("identity")]
    [InlineData(" , Identity ,")]
    public async Task Without_a_coding_the_body_is_what_came(string header) => Assert.Equal(Plain, await UndoneAsync(header, Plain));

    [Theory]
    [InlineData("gzip, br")]
    [InlineData("deflate,gzip , BR")]
    [InlineData("GZIP, identity, gzip")]
    public async Task Several_codings_are_undone_the_last_one_first(string header)
    {
        var body = header.Split(',', StringSplitOptions.TrimEntries).Aggregate(Plain, (bytes, coding) => Coded(coding.ToLowerInvariant(), bytes));

        Assert.Equal(Plain, await UndoneAsync(header, body));
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("compress")]
    [InlineData("gzip, klingon")]
    [InlineData("gzip\0")]
    [InlineData("gzip, gzip, gzip, gzip")]
    public async Task A_coding_that_nobody_knows_or_too_many_is_unsupported_and_those_that_are_known_are_named(string header)
    {
        var problem = await ProblemAsync(header, Plain);

        Assert.Equal((415, "unsupported-type"), (problem.Status, problem.Type));
        Assert.Equal(new("Accept-Encoding", "gzip, deflate, br"), problem.Hint);
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task Data_that_is_cut_off_anywhere_is_broken(string coding)
    {
        var whole = Coded(coding, Plain);
        foreach (var length in new[] { 1, 2, 9, 17, whole.Length / 2, whole.Length - 9, whole.Length - 4, whole.Length - 1 })
        {
            Assert.Equal((length, 400), (length, (await ProblemAsync(coding, whole[..length])).Status));
        }
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task Data_that_goes_on_after_its_end_is_broken(string coding)
    {
        var whole = Coded(coding, Plain);
        foreach (var more in new[] { [0], "garbage"u8.ToArray(), new byte[100_000], whole })
        {
            Assert.Equal((more.Length, 400), (more.Length, (await ProblemAsync(coding, [.. whole, .. more])).Status));
        }
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task What_is_not_coded_at_all_is_broken(string coding)
    {
        foreach (var body in new[] { "{\"a\":1}", "[]", new string('x', 1000) })
        {
            Assert.Equal(400, (await ProblemAsync(coding, Encoding.UTF8.GetBytes(body))).Status);
        }
    }

    [Fact]
    public async Task Raw_deflate_is_not_what_http_calls_deflate()
    {
        using var coded = new MemoryStream();
        using (var stream = new DeflateStream(coded, CompressionLevel.Optimal, leaveOpen: true))
        {
            stream.Write(Plain);
        }

        Assert.Equal(400, (await ProblemAsync("deflate", coded.ToArray())).Status);
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task A_bomb_goes_no_further_than_the_limit(string coding)
    {
        var bomb = Coded(coding, new byte[50_000_000]);

        Assert.Equal((413, "too-large"), await ProblemAsync(coding, bomb) is var problem ? (problem.Status, problem.Type) : default);
        Assert.Equal(413, (await ProblemAsync($"{coding}, {coding}", Coded(coding, bomb))).Status);
        Assert.All(_spools, spool => Assert.InRange(spool.Read().Length, 0, Limit));
    }

    [Theory]
    [MemberData(nameof(Codings))]
    public async Task The_limit_itself_is_allowed(string coding) => Assert.Equal(Limit, (await UndoneAsync(coding, Coded(coding, new byte[Limit]))).Length);

    private static byte[] MakePlain()
    {
        var bytes = new byte[150_000];
        new Random(1).NextBytes(bytes.AsSpan(0, 75_000));
        return bytes;
    }

    internal static byte[] Coded(string coding, byte[] bytes)
    {
        using var coded = new MemoryStream();
        using (Stream stream = coding switch
        {
            "br" => new BrotliStream(coded, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(coded, CompressionLevel.Optimal, leaveOpen: true),
            "identity" => coded,
            _ => new GZipStream(coded, CompressionLevel.Optimal, leaveOpen: true),
        })
        {
            stream.Write(bytes);
        }

        return coded.ToArray();
    }

    private async Task<byte[]> UndoneAsync(string header, byte[] body)
    {
        var (undone, problem) = await UndoAsync(header, body);
        Assert.Null(problem);
        return undone.ToArray();
    }

    private async Task<HttpProblem> ProblemAsync(string header, byte[] body)
    {
        var (_, problem) = await UndoAsync(header, body);
        return Assert.IsType<HttpProblem>(problem);
    }

    private ValueTask<(ReadOnlyMemory<byte>, HttpProblem?)> UndoAsync(string header, byte[] body) =>
        ContentCodings.UndoAsync(header, body, Limit, NewSpool, TestContext.Current.CancellationToken);

    // No memory beyond what is not counted, so both ends of a spool are walked.
    private Spool NewSpool()
    {
        var spool = new Spool(_blobs, Limit, new BodyMemory(0).NewShare());
        _spools.Add(spool);
        return spool;
    }
}
