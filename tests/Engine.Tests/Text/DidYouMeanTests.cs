using Sluice.Engine.Text;

namespace Sluice.Engine.Tests.Text;

public sealed class DidYouMeanTests
{
    [Theory]
    [InlineData("webhok_response", "webhook_response")]
    [InlineData("webhook-response", "webhook_response")]
    [InlineData("STATUS", "status")]
    [InlineData("stauts", "status")]
    [InlineData("xyz", null)]
    [InlineData("", null)]
    public void The_nearest_name_is_found_where_one_is_near(string written, string? meant) =>
        Assert.Equal(meant, DidYouMean.Closest(written, ["webhook_response", "status", "url"]));

    [Fact]
    public void Of_two_names_the_nearer_one_is_meant() => Assert.Equal("methods", DidYouMean.Closest("method", ["methuselah", "methods"]));
}
