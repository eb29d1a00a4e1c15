using System.Net;
using Sluice.Host.Webhooks.Authentication;
using Sluice.Host.Webhooks.Authentication.Tokens;

namespace Sluice.Host.Tests.Webhooks.Authentication;

/// <summary>Where key sets come from, and how much of one is read.</summary>
public sealed class KeySetLoaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-keys-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_file_is_found_beside_the_workflows_and_by_its_whole_path()
    {
        var file = Path.Combine(_folder.FullName, "keys.json");
        await File.WriteAllTextAsync(file, "{}", Token);

        Assert.Equal("{}", await Loader(HttpStatusCode.OK, "").LoadAsync("keys.json", Token));
        Assert.Equal("{}", await Loader(HttpStatusCode.OK, "").LoadAsync(file, Token));
        await Assert.ThrowsAnyAsync<IOException>(() => Loader(HttpStatusCode.OK, "").LoadAsync("other.json", Token));
    }

    [Fact]
    public async Task An_address_is_asked_and_must_answer_with_the_set()
    {
        Assert.Equal("{}", await Loader(HttpStatusCode.OK, "{}").LoadAsync("https://issuer.example/keys", Token));
        await Assert.ThrowsAsync<HttpRequestException>(() => Loader(HttpStatusCode.NotFound, "{}").LoadAsync("https://issuer.example/keys", Token));
        // A redirect is not followed: whoever answers must be who was named.
        await Assert.ThrowsAsync<HttpRequestException>(() => Loader(HttpStatusCode.Redirect, "{}").LoadAsync("https://issuer.example/keys", Token));
    }

    [Fact]
    public async Task A_set_without_end_is_read_no_further_than_a_set_can_be()
    {
        await Assert.ThrowsAsync<IOException>(() => Loader(HttpStatusCode.OK, new string(' ', 300_000)).LoadAsync("https://issuer.example/keys", Token));
    }

    private KeySetLoader Loader(HttpStatusCode status, string body) => new(new HttpClient(new Answers(status, body)), _folder.FullName);

    private sealed class Answers(HttpStatusCode status, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body) });
    }
}
