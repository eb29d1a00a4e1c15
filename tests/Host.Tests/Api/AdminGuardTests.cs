using System.Net.Http.Headers;
using Sluice.Host.Configuration;

namespace Sluice.Host.Tests.Api;

/// <summary>Who may use the admin API: without a key, programs on this machine alone.</summary>
public sealed class AdminGuardTests(SharedHost shared)
{
    private TestHost Host => shared.Host;

    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "public")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Host", "evil.example")]
    [InlineData("Host", "127.0.0.1.evil.example")]
    [InlineData("Host", "localhost.evil.example:80")]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("x-forwarded-host", "localhost")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("X-Forwarded", "for=127.0.0.1")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    [InlineData("X-Original-Host", "admin.example")]
    [InlineData("CF-Connecting-IP", "127.0.0.1")]
    [InlineData("X-Cluster-Client-IP", "127.0.0.1")]
    [InlineData("Fastly-Client-IP", "127.0.0.1")]
    [InlineData("X-Azure-ClientIP", "127.0.0.1")]
    [InlineData("CDN-Loop", "cdn.example")]
    [InlineData("X-Envoy-Original-Path", "/")]
    [InlineData("X-Rewrite-URL", "/")]
    public async Task Without_a_key_what_a_web_page_or_a_proxy_could_send_is_refused(string header, string value)
    {
        foreach (var path in new[] { "/api/runs", "/API/runs", "/metrics", "/api/workflows", "/api/openapi/admin.json", "/api/docs/" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation(header, value == "public" ? Host.Address : value);

            var refused = await Host.SendAsync(request);

            refused.IsProblem(403, "not-local", hasRun: false);
            Assert.Contains("Admin:ApiKey", refused.Json.Text("detail"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Origin", null)]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    [InlineData("Sec-Fetch-Site", "none")]
    [InlineData("Host", "localhost")]
    [InlineData("Host", "LOCALHOST:5181")]
    [InlineData("Host", "[::1]:99")]
    public async Task Without_a_key_a_request_to_a_loopback_name_comes_in(string header, string? value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/workflows");
        request.Headers.TryAddWithoutValidation(header, value ?? Host.AdminAddress);

        Assert.Equal(200, (await Host.SendAsync(request)).Status);
    }

    [Fact]
    public async Task A_script_in_a_reply_of_a_webhook_publishes_no_workflow()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/workflows/planted");
        request.Headers.TryAddWithoutValidation("Origin", Host.Address);
        request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", "same-site");
        request.Content = new StringContent("name: planted\ntrigger: { type: webhook, config: { path: /planted } }\nsteps:\n  - { key: answer, type: webhook_response }\n");

        (await Host.SendAsync(request)).IsProblem(403, "not-local", hasRun: false);
        Assert.Equal(404, (await Host.GetAsync("/api/workflows/planted")).Status);
    }

    [Fact]
    public async Task With_a_key_only_who_carries_it_comes_in()
    {
        using var folder = new TestFolder();
        await using var host = await TestHost.StartAsync(folder, ("Admin:ApiKey", "let-me-in"));
        foreach (var given in new[] { null, "", "let-me-i", "let-me-in-too", "LET-ME-IN" })
        {
            host.Http.DefaultRequestHeaders.Authorization = given is null ? null : new AuthenticationHeaderValue("Bearer", given);
            (await host.GetAsync("/api/workflows")).IsProblem(401, "no-api-key", hasRun: false);
            (await host.GetAsync("/metrics")).IsProblem(401, "no-api-key", hasRun: false);
        }

        Assert.Equal(200, (await host.GetAsync("/healthz")).Status);
        host.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "let-me-in");
        Assert.Equal(200, (await host.GetAsync("/api/workflows")).Status);
        // RFC 9110, section 11.1: case does not count in the name of a scheme.
        host.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("bearer", "let-me-in");
        Assert.Equal(200, (await host.GetAsync("/api/workflows")).Status);
        Assert.Equal(200, (await host.GetAsync("/metrics")).Status);
    }

    [Fact]
    public async Task Beyond_loopback_without_a_key_the_host_refuses_to_start()
    {
        using var folder = new TestFolder();

        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => TestHost.StartAsync(folder, ("Admin:Urls", "http://0.0.0.0:0")));

        Assert.Contains("Admin:ApiKey", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Data));
    }
}
