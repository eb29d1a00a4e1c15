using System.Globalization;
using System.Security.Cryptography;

namespace Sluice.Host.Tests.Webhooks.Gates;

/// <summary>The trigger's <c>rate_limit</c>, over real HTTP.</summary>
public sealed class RateLimitGateTests(SharedHost shared)
{
    private const string Steps = "  - { key: ack, type: webhook_response, config: { status: 201 } }";

    private TestHost Host => shared.Host;

    [Fact]
    public async Task What_comes_beyond_the_limit_gets_429_with_the_time_to_wait_and_no_run()
    {
        await Host.PublishAsync("limited", Steps, "rate_limit: { requests: 2, per: 1h }");

        Assert.Equal(201, (await Host.PostAsync("/hooks/limited")).Status);
        Assert.Equal(201, (await Host.PostAsync("/hooks/limited")).Status);
        var refused = await Host.PostAsync("/hooks/limited");

        refused.IsProblem(429, "rate-limited", hasRun: false);
        Assert.InRange(int.Parse(refused.Header("Retry-After")!, CultureInfo.InvariantCulture), 1, 1800);
        Assert.Equal(2, await Host.CountRunsAsync("limited"));
    }

    [Fact]
    public async Task A_request_is_taken_again_once_its_time_has_come()
    {
        await Host.PublishAsync("refilled", Steps, "rate_limit: { requests: 1, per: 20ms }");

        var statuses = new HashSet<int>();
        while (!(statuses.Contains(429) && statuses.Contains(201)) || (await Host.PostAsync("/hooks/refilled")).Status != 201)
        {
            var two = await Task.WhenAll(Host.PostAsync("/hooks/refilled"), Host.PostAsync("/hooks/refilled"), Host.PostAsync("/hooks/refilled"));
            statuses.UnionWith(two.Select(answer => answer.Status));
        }

        Assert.Equal([201, 429], statuses.Order());
    }

    [Fact]
    public async Task Callers_are_told_apart_by_the_header_that_the_limit_names()
    {
        await Host.PublishAsync("by-header", Steps, "rate_limit: { requests: 1, per: 1h, by: headers.X-Tenant }");

        Assert.Equal(201, await SendAsync("a"));
        Assert.Equal(429, await SendAsync("a"));
        Assert.Equal(201, await SendAsync("b"));

        async Task<int> SendAsync(string tenant)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/hooks/by-header") { Headers = { { "X-Tenant", tenant } } };
            return (await Host.SendAsync(request)).Status;
        }
    }

    [Theory]
    [InlineData("headers.X-Tenant")]
    [InlineData("headers.X-Api-Key")]
    [InlineData("identity")]
    [InlineData("")]
    public async Task A_stranger_uses_up_nobody_s_limit(string by)
    {
        var name = $"strangers-{by.Replace('.', '-').ToLowerInvariant()}";
        var key = by.Length == 0 ? "" : $", by: {by}";
        await Host.PublishAsync(name, Steps, "auth: { type: key, header: X-Api-Key, secret: \"{{ secrets.token }}\" }, rate_limit: { requests: 1, per: 1h" + key + " }");

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(401, await SendAsync("guessed"));
        }

        Assert.Equal(201, await SendAsync("hush-hush-9000"));
        Assert.Equal(429, await SendAsync("hush-hush-9000"));
        Assert.Equal(401, await SendAsync("guessed"));

        async Task<int> SendAsync(string secret)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/{name}") { Headers = { { "X-Tenant", "a" }, { "X-Api-Key", secret } } };
            return (await Host.SendAsync(request)).Status;
        }
    }

    [Fact]
    public async Task A_signature_is_verified_before_a_limit_by_a_header_is_counted()
    {
        await Host.PublishAsync("signed-tenants", Steps, "auth: { type: github, secret: \"{{ secrets.github_key }}\" }, rate_limit: { requests: 1, per: 1h, by: headers.x-tenant }");

        Assert.Equal(401, await SendAsync(new string('0', 64)));
        var right = Convert.ToHexStringLower(HMACSHA256.HashData("example-github-key"u8, "{}"u8));
        Assert.Equal(201, await SendAsync(right));
        Assert.Equal(429, await SendAsync(right));

        async Task<int> SendAsync(string signature)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/hooks/signed-tenants")
            {
                Headers = { { "X-Tenant", "a" }, { "X-Hub-Signature-256", $"sha256={signature}" } },
                Content = new StringContent("{}", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")),
            };
            return (await Host.SendAsync(request)).Status;
        }
    }

    [Fact]
    public async Task A_limit_by_address_is_counted_before_anybody_is_verified()
    {
        await Host.PublishAsync("guessers", Steps, "auth: { type: key, header: X-Api-Key, secret: \"{{ secrets.token }}\" }, rate_limit: { requests: 2, per: 1h, by: remote_ip }");

        Assert.Equal(401, (await Host.PostAsync("/hooks/guessers")).Status);
        Assert.Equal(401, (await Host.PostAsync("/hooks/guessers")).Status);
        (await Host.PostAsync("/hooks/guessers")).IsProblem(429, "rate-limited", hasRun: false);
    }

    [Fact]
    public async Task Callers_are_told_apart_by_the_parameter_that_the_limit_names()
    {
        await Host.PutAsync("by-parameter", $$"""
            name: by-parameter
            trigger: { type: webhook, config: { path: "/by-parameter/{shop}", rate_limit: { requests: 1, per: 1h, by: params.shop } } }
            steps:
            {{Steps}}
            """);

        Assert.Equal(201, (await Host.PostAsync("/hooks/by-parameter/a")).Status);
        Assert.Equal(429, (await Host.PostAsync("/hooks/by-parameter/a")).Status);
        Assert.Equal(201, (await Host.PostAsync("/hooks/by-parameter/b")).Status);
    }

    [Fact]
    public async Task A_new_version_with_the_same_limit_goes_on_counting_and_one_with_another_begins_anew()
    {
        await Host.PublishAsync("republished", Steps, "rate_limit: { requests: 1, per: 1h, by: remote_ip }");
        Assert.Equal(201, (await Host.PostAsync("/hooks/republished")).Status);

        await Host.PublishAsync("republished", Steps.Replace("201", "200", StringComparison.Ordinal), "rate_limit: { requests: 1, per: 60m, by: remote_ip }");
        Assert.Equal(429, (await Host.PostAsync("/hooks/republished")).Status);

        await Host.PublishAsync("republished", Steps, "rate_limit: { requests: 2, per: 1h, by: remote_ip }");
        Assert.Equal(201, (await Host.PostAsync("/hooks/republished")).Status);
    }
}
