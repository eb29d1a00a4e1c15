using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Sluice.Host.OpenApi;

namespace Sluice.Host.Tests.OpenApi;

public sealed class DescriptionRoutesTests(SharedHost shared)
{
    private TestHost Host => shared.Host;

    [Theory]
    [InlineData("http://127.0.0.1:5180", "10.0.0.5:5181", "http://127.0.0.1:5180")]
    [InlineData("http://0.0.0.0:5180", "10.0.0.5:5181", "http://10.0.0.5:5180")]
    [InlineData("http://[::]:5180", "[fd00::5]:5181", "http://[fd00::5]:5180")]
    [InlineData("http://[::]:5180", "", "http://127.0.0.1:5180")]
    [InlineData("http://unix:/run/sluice.sock", "10.0.0.5:5181", "/")]
    public void The_server_of_the_webhooks_is_one_that_a_client_can_reach(string listener, string host, string server)
    {
        var request = new DefaultHttpContext().Request;
        request.Host = new HostString(host);

        Assert.Equal(server, DescriptionRoutes.ServerOf(listener, request));
    }

    [Fact]
    public async Task The_page_is_html_names_both_documents_and_loads_its_scripts_from_the_host_alone()
    {
        var there = await Host.GetAsync("/api/docs");
        Assert.Equal((302, "docs/"), (there.Status, there.Header("Location")));

        var page = await Host.GetAsync("/api/docs/");

        Assert.Equal((200, "text/html"), (page.Status, page.Header("Content-Type")));
        Assert.Contains("\"api/openapi/admin.json\"", page.Body, StringComparison.Ordinal);
        Assert.Contains("\"api/openapi/webhooks.json\"", page.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("//", page.Body, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'self';", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
        var scripts = Regex.Matches(page.Body, "src=\"([^\"]+)\"").Select(match => match.Groups[1].Value).ToArray();
        Assert.NotEmpty(scripts);
        foreach (var script in scripts)
        {
            var asset = await Host.GetAsync($"/api/docs/{script}");
            Assert.Equal((200, "text/javascript"), (asset.Status, asset.Header("Content-Type")));
            Assert.NotEmpty(asset.Body);
        }
    }
}
