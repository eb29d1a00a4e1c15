using Sluice.Engine.Definitions;

namespace Sluice.Engine.Tests.Definitions;

public sealed class PathPatternTests
{
    [Theory]
    [InlineData("/orders", "/orders")]
    [InlineData("orders/", "/orders")]
    [InlineData("/orders/{id}/lines/{line_no}", "/orders/{id}/lines/{line_no}")]
    public void A_path_has_a_normal_form(string text, string normal) => Assert.Equal(normal, PathPattern.Parse(text).Pattern?.ToString());

    [Theory]
    [InlineData("/orders", "/orders", true)]
    [InlineData("/orders", "/Orders", false)]
    [InlineData("/orders/{id}", "/orders/new", true)]
    [InlineData("/orders/{id}", "/orders/{name}", true)]
    [InlineData("/{a}/x", "/y/{b}", true)]
    [InlineData("/{a}/x", "/{b}/y", false)]
    [InlineData("/orders/{id}", "/orders", false)]
    public void Two_paths_overlap_where_some_path_matches_both(string left, string right, bool overlaps)
    {
        var (one, other) = (PathPattern.Parse(left).Pattern!, PathPattern.Parse(right).Pattern!);

        Assert.Equal(overlaps, one.Overlaps(other));
        Assert.Equal(overlaps, other.Overlaps(one));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("/a//b")]
    [InlineData("/a/./b")]
    [InlineData("/a/..")]
    [InlineData("/a?b")]
    [InlineData("/a#b")]
    [InlineData("/a%20b")]
    [InlineData("/a\\b")]
    [InlineData("/a b")]
    [InlineData("/{}")]
    [InlineData("/{1a}")]
    [InlineData("/a{id}")]
    [InlineData("/{id}/{id}")]
    [InlineData("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17")]
    public void A_path_that_could_not_be_meant_is_refused_with_a_reason(string text)
    {
        var (pattern, wrong) = PathPattern.Parse(text);

        Assert.Null(pattern);
        Assert.NotEmpty(wrong!);
    }
}
