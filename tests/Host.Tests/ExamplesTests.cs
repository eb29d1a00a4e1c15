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
        await AnsweredAsync("github-push-forged", 401, """{"error":"signature does not match"}""");
        await AnsweredAsync("stripe-payment-intent", 200, """{"received":"evt_1PgafTB7WZ01zgkW8hU3rT5x"}""", """{"order":"1001","paid":"20 EUR"}""", "order");
    }

    [Fact]
    public void No_recorded_request_is_left_out() =>
        Assert.Equal(
            ["github-ping", "github-push", "github-push-forged", "payment", "payment-forged", "stripe-payment-intent"],
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

    private async Task<Received> SendAsync(string name)
    {
        var recorded = RecordedRequest.Parse(await File.ReadAllBytesAsync(Path.Combine(Examples, "requests", $"{name}.http"), TestContext.Current.CancellationToken), name);
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
