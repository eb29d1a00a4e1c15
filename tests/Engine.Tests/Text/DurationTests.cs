using Sluice.Engine.Text;

namespace Sluice.Engine.Tests.Text;

public sealed class DurationTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("10s", 10_000)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    public void A_number_and_a_unit_is_a_length_of_time(string text, long milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Duration.Parse(text));

    [Theory]
    [InlineData("90s")]
    [InlineData("2m")]
    [InlineData("1h")]
    [InlineData("1500ms")]
    public void A_length_of_time_is_written_as_it_is_read(string text) => Assert.Equal(text, Duration.Write(Duration.Parse(text)!.Value));

    [Theory]
    [InlineData("10")]
    [InlineData("1.5s")]
    [InlineData("-1s")]
    [InlineData("10 s")]
    [InlineData("10s\n")]
    [InlineData("1d")]
    [InlineData("999999999h")]
    public void Anything_else_is_none(string text) => Assert.Null(Duration.Parse(text));
}
