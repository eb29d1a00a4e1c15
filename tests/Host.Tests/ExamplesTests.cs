using Microsoft.Extensions.DependencyInjection;
using Sluice.Engine.Publishing;
using Sluice.Host.Cli;
using Sluice.Host.Tests.Cli;

namespace Sluice.Host.Tests;

/// <summary>The main job: the workflows of <c>examples/</c>, and the requests that were recorded for them, over the wire.</summary>
public sealed class ExamplesTests : IAsyncLifetime, IDisposable
{
    private static readonly string Examples = Path.Combine(SluiceProgram.RepositoryRoot, "examples");
    private readonly TestFolder _folder = new();
    private TestHost? _host;

    private TestHost Host => _host!;

    public async ValueTask InitializeAsync() => _host = await TestHost.StartAsync(_folder, ("Workflows:Directory", Examples));

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        Dispose();
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder.Data))
        {
            _folder.Dispose();
        }
    }

    [Fact]
    public async Task Every_recorded_request_is_answered_as_it_should_be()
    {
        Assert.All((await Host.GetAsync("/api/workflows")).Json.EnumerateArray(), workflow => Assert.Empty(workflow.GetProperty("errors").EnumerateArray()));

        await AnsweredAsync("payment", 200, """{"received":true}""",
            """{"id":"evt_1","amount":12.5,"currency":"EUR","receipt":"Dear ada@example.com, we have your payment evt_1."}""", "payment");
        await AnsweredAsync("payment-forged", 401, """{"received":false}""");
        await AnsweredAsync("github-ping", 200, "Non-blocking is better than blocking.");
        await AnsweredAsync("github-push", 202, """{"delivery":"72d3162e-cc78-11e3-81ab-4c9367dc0958"}""",
            """{"branch":"main","commits":1,"messages":["Mention the café in the README – naïve, isn't it? ☕"],"by":"octocat"}""", "summary");
        (await SendAsync("github-push-forged")).IsProblem(401, "unauthorized", hasRun: false);
        await AnsweredAsync("file-upload", 200, "item;amount\nbook;12.50\n",
            """{"order":"1001","file":"receipt.csv","bytes":23,"sha256":"b4d1081d33139181cf246d9480c2cee4a04320d57a904f8920efed64025d8d36"}""", "entry");
        await AnsweredAsync("shopify-order", 200, "", """{"name":"#9999","total":"398.00 EUR"}""", "order");
        await AnsweredAsync("twilio-message", 200, "<Response><Message>24 letters from +14158675309</Message></Response>");
    }

    [Theory]
    [InlineData("stripe", "stripe-payment-intent", 200, """{"received":"evt_1PgafTB7WZ01zgkW8hU3rT5x"}""")]
    [InlineData("slack", "slack-challenge", 200, "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P")]
    [InlineData("slack", "slack-mention", 200, "")]
    [InlineData("standard-webhooks", "standard-webhooks", 200, """{"received":"msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"}""")]
    public async Task A_recorded_request_that_is_too_old_for_a_host_is_good_for_its_builder(string workflow, string request, int status, string body)
    {
        (await SendAsync(request)).IsProblem(401, "unauthorized", hasRun: false);

        await using var room = await LocalRoom.OpenAsync([new("Secrets:Directory", _folder.Secrets)], TestContext.Current.CancellationToken);
        var text = await File.ReadAllTextAsync(Path.Combine(Examples, $"{workflow}.yaml"), TestContext.Current.CancellationToken);
        Assert.Empty((await room.Services.GetRequiredService<WorkflowRegistry>().PublishAsync(new Submission(text, "api"), TestContext.Current.CancellationToken)).Problems);
        var (response, _) = await OneRun.SendAsync(room.Services, workflow, await ReadAsync(request), TestContext.Current.CancellationToken);

        Assert.Equal((status, body), (response.StatusCode, System.Text.Encoding.UTF8.GetString(((MemoryStream)response.Body).ToArray())));
    }

    [Fact]
    public void No_recorded_request_is_left_out() =>
        Assert.Equal(
            [
                "file-upload", "github-ping", "github-push", "github-push-forged", "payment", "payment-forged", "shopify-order", "slack-challenge", "slack-mention",
                "standard-webhooks", "stripe-payment-intent", "twilio-message",
            ],
            Directory.GetFiles(Path.Combine(Examples, "requests")).Select(Path.GetFileNameWithoutExtension).Order());

    private async Task AnsweredAsync(string request, int status, string body, string? output = null, string? step = null)
    {
        var answer = await SendAsync(request);

        Assert.Equal((status, body), (answer.Status, answer.Body));
        var run = await Host.EndOfAsync(answer);
        Assert.Equal("succeeded", run.Status());
        if (step is not null)
        {
            Assert.Equal(output, run.Output(step).Compact());
        }
    }

    private static async Task<RecordedRequest> ReadAsync(string name) =>
        RecordedRequest.Parse(await File.ReadAllBytesAsync(Path.Combine(Examples, "requests", $"{name}.http"), TestContext.Current.CancellationToken), name);

    private async Task<Received> SendAsync(string name)
    {
        var recorded = await ReadAsync(name);
        using var request = new HttpRequestMessage(HttpMethod.Parse(recorded.Method), recorded.Target) { Content = new ByteArrayContent(recorded.Body) };
        foreach (var (header, value) in recorded.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(header, value))
            {
                request.Content.Headers.TryAddWithoutValidation(header, value);
            }
        }

        return await Host.SendAsync(request);
    }
}
