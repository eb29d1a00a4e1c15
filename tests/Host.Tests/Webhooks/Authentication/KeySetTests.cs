using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Host.Tests.Cli;
using Sluice.Host.Webhooks.Authentication;
using Sluice.Host.Webhooks.Authentication.Tokens;
using Sluice.Host.Webhooks.Rejections;

namespace Sluice.Host.Tests.Webhooks.Authentication;

/// <summary>When a key set is loaded, and what becomes of tokens while it can't be.</summary>
public sealed class KeySetTests
{
    private static readonly string Text =
        File.ReadAllText(Path.Combine(SluiceProgram.RepositoryRoot, "tests", "cases", "authentication", "keys.json"));

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly KeySet _keys;
    private Func<string> _answer = () => Text;
    private int _loads;

    public KeySetTests() => _keys = new KeySet("https://issuer.example/keys", _ => Task.FromResult(Load()), _time, NullLogger.Instance);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_loaded_once_for_many_tokens()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => FindAsync("es256")));

        Assert.Equal(1, _loads);
    }

    [Fact]
    public async Task A_key_that_it_has_not_makes_it_look_again_but_not_more_often_than_it_may()
    {
        await FindAsync("es256");
        for (var i = 0; i < 100; i++)
        {
            Assert.Empty((await FindAsync($"new-{i}")).Keys);
        }

        Assert.Equal(1, _loads);
        _time.Advance(KeySet.LeastInterval);
        _answer = () => Text.Replace("\"es256\"", "\"new-1\"", StringComparison.Ordinal);

        Assert.Single((await FindAsync("new-1")).Keys);
        Assert.Equal(2, _loads);
    }

    [Fact]
    public async Task An_old_one_is_good_while_it_is_loaded_again_and_for_a_day_where_it_can_t_be()
    {
        await FindAsync("es256");
        _answer = () => throw new HttpRequestException("Nobody answers.");
        _time.Advance(KeySet.MaxAge);
        Assert.Single((await FindAsync("es256")).Keys);

        _time.Advance(KeySet.MaxStale);
        Assert.Equal(RejectionReason.NotVerifiable, (await FindAsync("es256")).Unavailable!.Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html/>")]
    [InlineData("{\"keys\": 5}")]
    public async Task What_is_no_key_set_is_none(string text)
    {
        _answer = () => text;

        Assert.Equal(RejectionReason.NotVerifiable, (await FindAsync("es256")).Unavailable!.Reason);
    }

    [Fact]
    public async Task A_shared_key_in_it_is_not_used()
    {
        _answer = () => """{"keys":[{"kty":"oct","kid":"es256","k":"c2VjcmV0"},{"kty":"RSA","kid":"es256","use":"enc","n":"AQAB","e":"AQAB"}]}""";

        Assert.Empty((await FindAsync("es256")).Keys);
    }

    [Theory]
    [InlineData("""{"kty":"RSA","kid":"bad","e":"AQAB"}""")]
    [InlineData("""{"kty":"RSA","kid":"bad","n":"?","e":"AQAB"}""")]
    public async Task A_key_that_can_not_be_read_leaves_the_others_good(string bad)
    {
        _answer = () => Text.Replace("\"keys\": [", $"\"keys\": [{bad},", StringComparison.Ordinal);

        Assert.Single((await FindAsync("es256")).Keys);
    }

    private Task<FoundKeys> FindAsync(string kid) => _keys.FindAsync(kid, "ES256", Token).AsTask();

    private string Load()
    {
        Interlocked.Increment(ref _loads);
        return _answer();
    }
}
