using Sluice.Host.Cli.Output;

namespace Sluice.Host.Tests.Cli.Output;

public sealed class TerminalTests
{
    private static readonly string Long = string.Join(' ', Enumerable.Repeat("word", 100));

    [Fact]
    public void Into_a_pipe_each_row_is_one_line_without_colour_however_long()
    {
        var output = Print(hasColour: false, width: null);

        Assert.Equal($"name   text\nfirst  {Long}\ntwo    line end\n", output);
    }

    [Fact]
    public void On_a_terminal_a_table_fits_its_width_and_has_colour()
    {
        var output = Print(hasColour: true, width: 40);

        Assert.All(output.Split('\n'), line => Assert.True(line.Replace("\e[31m", "", StringComparison.Ordinal).Replace("\e[0m", "", StringComparison.Ordinal).Length <= 40, line));
        Assert.Contains("\e[31mfirst\e[0m", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_colour_a_terminal_gets_no_escape_sequence() => Assert.DoesNotContain('\e', Print(hasColour: false, width: 40));

    [Theory]
    [InlineData("\e]0;title\a\e[31m", "\\x1b]0;title\\x07\\x1b[31m")]
    [InlineData("a\r\nb\tc", "a\nb\tc")]
    [InlineData("\u009b31m", "\\x9b31m")]
    [InlineData("café ☕", "café ☕")]
    public void Control_characters_of_strangers_are_shown_and_not_sent(string text, string clean) => Assert.Equal(clean, Terminal.Clean(text));

    private static string Print(bool hasColour, int? width)
    {
        var output = new StringWriter { NewLine = "\n" };
        new Terminal(output, hasColour, width).Table(["name", "text"], [[new Cell("first", Style.Bad), Long], ["two", "line\nend"]]);
        return output.ToString();
    }
}
