using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Tests.Webhooks.Idempotency;

/// <summary>Whose key a delivery's key is: the verified sender's, and nobody else's.</summary>
public sealed class DeliveryKeyTests : IAsyncLifetime
{
    private const string Reply = """  - { key: answer, type: webhook_response, config: { status: 201, body: { run: "{{ run.id }}" } } }""";
    private const string AdaSecret = "a-secret-of-ada-with-enough-bytes";
    private const string BobSecret = "a-secret-of-bob-with-enough-bytes";

    private readonly TestFolder _folder = new();
    private TestHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Secrets, "ada"), AdaSecret);
        await File.WriteAllTextAsync(Path.Combine(_folder.Secrets, "bob"), BobSecret);
        _host = await TestHost.StartAsync(_folder);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_user_s_key_is_not_another_user_s()
    {
        await _host.PublishAsync("users", Reply, """auth: { type: basic, users: { ada: "{{ secrets.ada }}", bob: "{{ secrets.bob }}" } }""");

        await AssertApartAsync("users", ("Authorization", Basic("ada", AdaSecret)), ("Authorization", Basic("bob", BobSecret)));
    }

    [Fact]
    public async Task A_delivery_under_one_api_key_is_no_repeat_of_one_under_another()
    {
        await _host.PublishAsync("keys", Reply, """auth: { type: key, header: X-Api-Key, secret: ["{{ secrets.ada }}", "{{ secrets.bob }}"] }""");

        await AssertApartAsync("keys", ("X-Api-Key", AdaSecret), ("X-Api-Key", BobSecret));
    }

    [Fact]
    public async Task A_delivery_signed_with_one_secret_is_no_repeat_of_one_signed_with_another()
    {
        await _host.PublishAsync("signatures", Reply, """auth: { type: hmac, header: X-Signature, secret: ["{{ secrets.ada }}", "{{ secrets.bob }}"] }""");

        await AssertApartAsync("signatures", ("X-Signature", Sign(AdaSecret, "{}")), ("X-Signature", Sign(BobSecret, "{}")));
    }

    [Theory]
    [InlineData("""{"sub":"ada"}""", """{"sub":"bob"}""")]
    [InlineData("""{"iss":"one","sub":"ada"}""", """{"iss":"other","sub":"ada"}""")]
    [InlineData("""{"client":"ada"}""", """{"client":"bob"}""")]
    public async Task A_token_s_subject_at_its_issuer_has_keys_of_its_own(string ada, string bob)
    {
        await _host.PublishAsync("tokens", Reply, """auth: { type: jwt, secret: "{{ secrets.ada }}" }""");

        await AssertApartAsync("tokens", ("Authorization", Token(ada, 1)), ("Authorization", Token(bob, 1)));
    }

    [Fact]
    public async Task A_new_token_of_the_same_subject_keeps_its_keys()
    {
        await _host.PublishAsync("renewed", Reply, """auth: { type: jwt, secret: "{{ secrets.ada }}" }""");

        var first = await PostAsync("renewed", ("Authorization", Token("""{"sub":"ada"}""", 1)));
        var second = await PostAsync("renewed", ("Authorization", Token("""{"sub":"ada"}""", 2)));

        AssertRepeat(first, second);
    }

    [Fact]
    public async Task A_key_that_came_before_the_workflow_asked_who_sends_is_nobody_s_afterwards()
    {
        await _host.PublishAsync("opened", Reply);
        var anonymous = await PostAsync("opened");
        await _host.PublishAsync("opened", Reply, """auth: { type: basic, users: { ada: "{{ secrets.ada }}" } }""");

        var ada = await PostAsync("opened", ("Authorization", Basic("ada", AdaSecret)));

        Assert.Equal((201, 201), (anonymous.Status, ada.Status));
        Assert.NotEqual(anonymous.RunId, ada.RunId);
    }

    [Fact]
    public void Identities_and_keys_can_not_be_cut_at_another_place() =>
        Assert.Distinct(new[]
        {
            Hash("ada", "k"), Hash("ad", "ak"), Hash("ada\0k", ""), Hash("", "ada\0k"), Hash(null, "ada\0k"), Hash(null, "3\0ada\0k"),
        });

    private static string Hash(string? identity, string key) => Convert.ToHexString(Sluice.Host.Webhooks.Idempotency.DeliveryKey.Hash("workflow", identity, "source", key));

    private async Task AssertApartAsync(string path, (string Name, string Value) ada, (string Name, string Value) bob)
    {
        var (first, stranger, again) = (await PostAsync(path, ada), await PostAsync(path, bob), await PostAsync(path, ada));

        Assert.Equal((201, 201), (first.Status, stranger.Status));
        Assert.NotEqual(first.RunId, stranger.RunId);
        Assert.Null(stranger.Header(AnswerWriter.ReplayedHeader));
        AssertRepeat(first, again);
    }

    private static void AssertRepeat(Received first, Received again)
    {
        Assert.Equal("true", again.Header(AnswerWriter.ReplayedHeader));
        Assert.Equal((first.Status, first.RunId, first.Body), (again.Status, again.RunId, again.Body));
    }

    private async Task<Received> PostAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/{path}") { Content = new StringContent("{}", new MediaTypeHeaderValue("application/json")) };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", "\"order-7\"");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _host.SendAsync(request);
    }

    private static string Basic(string user, string password) => $"basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}";

    private static string Sign(string secret, string text) => Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)));

    // Each token has a number of its own, and an expiry a century away.
    private static string Token(string claims, int number)
    {
        var payload = $$"""{"exp":{{4_900_000_000 + number}},"jti":"{{number}}",{{claims[1..]}}""";
        Assert.Equal(JsonValueKind.Object, JsonElement.Parse(payload).ValueKind);
        var signed = $"{Encode("""{"alg":"HS256"}"""u8)}.{Encode(Encoding.UTF8.GetBytes(payload))}";
        return $"bearer {signed}.{Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(AdaSecret), Encoding.UTF8.GetBytes(signed)))}";
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
