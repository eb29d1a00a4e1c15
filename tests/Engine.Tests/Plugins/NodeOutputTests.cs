using System.Text;
using Sluice.Engine.Plugins;

namespace Sluice.Engine.Tests.Plugins;

public class NodeOutputTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""[1,"två",{"a":true}]""")]
    public void Any_JSON_value_is_taken_as_it_is(string json)
    {
        var (copy, problem) = NodeOutput.Take(Encoding.UTF8.GetBytes(json));

        Assert.Null(problem);
        Assert.Equal(json, Encoding.UTF8.GetString(copy));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{a:1}")]
    public void What_is_not_one_JSON_value_is_a_problem(string text)
    {
        Assert.NotNull(NodeOutput.Take(Encoding.UTF8.GetBytes(text)).Problem);
    }

    [Fact]
    public void Nesting_deeper_than_the_host_reads_is_a_problem()
    {
        Assert.Null(NodeOutput.Take(Nested(64)).Problem);
        Assert.NotNull(NodeOutput.Take(Nested(65)).Problem);
    }

    [Fact]
    public void The_bytes_are_not_those_of_the_node()
    {
        var output = "1"u8.ToArray();

        Assert.NotSame(output, NodeOutput.Take(output).Copy);
    }

    private static byte[] Nested(int depth) => Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth));
}
