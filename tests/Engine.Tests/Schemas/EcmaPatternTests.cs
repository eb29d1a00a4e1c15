using Sluice.Engine.Schemas;

namespace Sluice.Engine.Tests.Schemas;

public sealed class EcmaPatternTests
{
    [Theory]
    [InlineData("^[a-z]+$", "abc", true)]
    [InlineData("^[a-z]+$", "abc\n", false)]
    [InlineData(@"^\d+$", "12", true)]
    [InlineData(@"^\d+$", "١٢", false)]
    [InlineData(@"^\w+$", "é", false)]
    [InlineData(@"^[\w$]+$", "a$", true)]
    [InlineData(@"\$$", "5$", true)]
    [InlineData(@"^\W$", "-", true)]
    [InlineData(@"^\D$", "5", false)]
    public void A_pattern_means_what_it_means_in_ecma_262(string pattern, string text, bool matches) =>
        Assert.Equal(matches, EcmaPattern.Read(pattern).Regex!.IsMatch(text));

    [Theory]
    [InlineData("(?=a)a")]
    [InlineData(@"(a)\1")]
    [InlineData("(")]
    public void What_can_not_be_matched_in_bounded_time_or_is_no_pattern_is_refused(string pattern)
    {
        var (regex, wrong) = EcmaPattern.Read(pattern);

        Assert.Null(regex);
        Assert.NotEmpty(wrong!);
    }

    [Fact]
    public void A_pattern_that_backtracking_would_never_end_on_is_matched_at_once() =>
        Assert.DoesNotMatch(EcmaPattern.Read("^(a+)+$").Regex!, new string('a', 100_000) + "b");
}
