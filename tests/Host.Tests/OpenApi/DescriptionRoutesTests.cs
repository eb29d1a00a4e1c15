using System.Text.RegularExpressions;

namespace Sluice.Host.Tests.OpenApi;

public sealed class DescriptionRoutesTests(SharedHost shared)
{
    private TestHost Host => shared.Host;

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
