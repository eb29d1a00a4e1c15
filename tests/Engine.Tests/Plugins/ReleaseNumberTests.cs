using Sluice.Engine.Plugins;

namespace Sluice.Engine.Tests.Plugins;

public sealed class ReleaseNumberTests
{
    // The order of Semantic Versioning 2.0.0, section 11, with its own example.
    [Theory]
    [InlineData("1.0.0-alpha", "1.0.0-alpha.1")]
    [InlineData("1.0.0-alpha.1", "1.0.0-alpha.beta")]
    [InlineData("1.0.0-beta.2", "1.0.0-beta.11")]
    [InlineData("1.0.0-rc.1", "1.0.0")]
    [InlineData("1.0.0", "1.0.1")]
    [InlineData("1.9.0", "1.10.0")]
    [InlineData("1.0.0.1", "1.0.0.2")]
    [InlineData("nonsense", "0.0.1")]
    public void A_lower_version_comes_before_a_higher_one(string lower, string higher)
    {
        Assert.True(ReleaseNumber.Parse(lower).CompareTo(ReleaseNumber.Parse(higher)) < 0);
        Assert.True(ReleaseNumber.Parse(higher).CompareTo(ReleaseNumber.Parse(lower)) > 0);
    }

    [Fact]
    public void Build_metadata_does_not_count() => Assert.Equal(ReleaseNumber.Parse("1.2.3+abc"), ReleaseNumber.Parse("1.2.3+def"));

    [Theory]
    [InlineData("Acme.Weather@1.2.0+abc", "Acme.Weather", "1.2.0", "abc")]
    [InlineData("Logic@1.0.0", "Logic", "1.0.0", "")]
    [InlineData("Logic", "Logic", "", "")]
    public void What_a_run_recorded_of_a_plugin_is_read_back(string record, string name, string version, string hash) =>
        Assert.Equal(new PluginIdentity(name, version, hash), PluginIdentity.Parse(record));
}
