using System.Net;
using Sluice.Sdk;
using Sluice.Sdk.Testing;

namespace Sluice.Plugins.Http.Tests;

public sealed class RedirectTests
{
    [Theory]
    [InlineData(301, "POST", "GET")]
    [InlineData(302, "POST", "GET")]
    [InlineData(303, "POST", "GET")]
    [InlineData(303, "PUT", "GET")]
    [InlineData(303, "HEAD", "HEAD")]
    [InlineData(301, "PUT", "PUT")]
    [InlineData(302, "DELETE", "DELETE")]
    [InlineData(307, "POST", "POST")]
    [InlineData(308, "POST", "POST")]
    public async Task The_method_after_a_redirect_is_the_one_of_rfc_9110(int status, string method, string next)
    {
        var (requests, _) = await RunAsync($$"""{"method":"{{method}}","url":"https://a.example/1","body":"text"}""", status, "/2");

        Assert.Equal(2, requests.Count);
        Assert.Equal((next, "https://a.example/2"), (requests[1].Method, requests[1].Address.AbsoluteUri));
        Assert.Equal(next == method && status != 303, requests[1].Body == "text");
    }

    [Fact]
    public async Task A_redirect_is_an_answer_where_they_are_not_followed()
    {
        var (requests, outcome) = await RunAsync("""{"url":"https://a.example/1","follow_redirects":false,"expect_status":302}""", 302, "/2");

        Assert.Single(requests);
        Assert.Equal("/2", outcome.Output!.Value.GetProperty("headers").GetProperty("location").GetString());
    }

    [Theory]
    [InlineData("https://a.example/2", true)]
    [InlineData("https://A.EXAMPLE:443/2", true)]
    [InlineData("https://a.example:444/2", false)]
    [InlineData("https://b.example/2", false)]
    public async Task Credentials_stay_behind_when_a_redirect_leaves_the_origin(string target, bool kept)
    {
        var (requests, _) = await RunAsync(
            """{"url":"https://a.example/1","headers":{"Authorization":"Bearer abc","cookie":"a=1","X-Key":"key hunter2","X-Other":"1"}}""", 307, target);

        Assert.Equal(
            (kept, kept, kept, true),
            (Has("Authorization"), Has("Cookie"), Has("X-Key"), Has("X-Other")));

        bool Has(string name) => requests[1].Headers.ContainsKey(name);
    }

    [Fact]
    public async Task Credentials_do_not_come_back_with_a_redirect_that_comes_back()
    {
        var environment = Environment(request => request.RequestUri!.AbsolutePath switch
        {
            "/1" => Redirect(302, "https://b.example/2"),
            "/2" => Redirect(302, "https://a.example/3"),
            _ => new HttpResponseMessage(),
        });

        await environment.RunAsync(new Http(), """{"url":"https://a.example/1","headers":{"Authorization":"Bearer abc"}}""", TestContext.Current.CancellationToken);

        Assert.Equal([true, false, false], environment.Http.Requests.Select(request => request.Headers.ContainsKey("Authorization")));
    }

    [Theory]
    [InlineData("http://a.example/2", "https to http")]
    [InlineData("ftp://a.example/2", "neither http nor https")]
    [InlineData("file:///etc/passwd", "neither http nor https")]
    public async Task A_redirect_that_leaves_https_is_not_followed(string target, string reason)
    {
        var (requests, outcome) = await RunAsync("""{"url":"https://a.example/1"}""", 302, target);

        Assert.Single(requests);
        Assert.Equal(FailureKind.Refused, outcome.Failure?.Kind);
        Assert.Contains(reason, outcome.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_eleventh_redirect_is_not_followed()
    {
        var environment = Environment(request => Redirect(302, $"{request.RequestUri!.AbsolutePath}x"));

        var outcome = await environment.RunAsync(new Http(), """{"url":"https://a.example/1"}""", TestContext.Current.CancellationToken);

        Assert.Equal(11, environment.Http.Requests.Length);
        Assert.Equal(FailureKind.Refused, outcome.Failure?.Kind);
    }

    [Fact]
    public async Task A_password_in_the_address_of_a_redirect_is_not_told()
    {
        var environment = Environment(request => request.RequestUri!.AbsolutePath == "/1"
            ? Redirect(302, "https://user:hunter2@a.example/2?token=hunter2")
            : new HttpResponseMessage(HttpStatusCode.NotFound));

        var outcome = await environment.RunAsync(new Http(), """{"url":"https://a.example/1"}""", TestContext.Current.CancellationToken);

        Assert.Equal("GET https://a.example/2 returned 404 Not Found; expected 2xx.", outcome.Failure?.Message);
    }

    [Theory]
    [InlineData("http://[")]
    [InlineData("//[")]
    [InlineData("//a.example:port/")]
    public async Task A_location_that_is_no_address_is_not_followed(string location)
    {
        var (requests, outcome) = await RunAsync("""{"url":"https://a.example/1"}""", 302, location);

        Assert.Single(requests);
        Assert.Equal(FailureKind.Refused, outcome.Failure?.Kind);
    }

    private static async Task<(IReadOnlyList<StubRequest> Requests, NodeOutcome Outcome)> RunAsync(string config, int status, string target)
    {
        var environment = Environment(request => request.RequestUri!.AbsolutePath == "/1" ? Redirect(status, target) : new HttpResponseMessage());
        var outcome = await environment.RunAsync(new Http(), config, TestContext.Current.CancellationToken);
        return (environment.Http.Requests, outcome);
    }

    private static NodeEnvironment Environment(Func<HttpRequestMessage, HttpResponseMessage> answer) =>
        new() { Http = new StubHttp(answer), Secrets = new Dictionary<string, string> { ["key"] = "hunter2" } };

    private static HttpResponseMessage Redirect(int status, string target)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status);
        response.Headers.TryAddWithoutValidation("Location", target);
        return response;
    }
}
