using System.Xml.Linq;
using Sluice.Host.Tests.Cli;

namespace Sluice.Host.Tests;

/// <summary>The program shows the version that Directory.Build.props states, with its patch.</summary>
public sealed class ProductVersionTests(SharedHost shared)
{
    internal static string Written { get; } = XDocument.Load(Path.Combine(SluiceProgram.RepositoryRoot, "Directory.Build.props")).Descendants("Version").Single().Value;

    [Theory]
    [InlineData("/api/openapi/admin.json")]
    [InlineData("/api/openapi/webhooks.json")]
    public async Task An_api_description_has_the_version(string path) =>
        Assert.Equal(Written, (await shared.Host.GetAsync(path)).Json.GetProperty("info").GetProperty("version").GetString());
}
