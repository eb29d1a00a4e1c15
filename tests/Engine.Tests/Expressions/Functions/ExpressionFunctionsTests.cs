using Sluice.Engine.Expressions.Functions;
using Sluice.Engine.Expressions.Scripts;

namespace Sluice.Engine.Tests.Expressions.Functions;

public sealed class ExpressionFunctionsTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "expressions.md"));

    [Fact]
    public void The_documentation_holds_every_function_as_the_table_has_it() =>
        Assert.All(ExpressionFunctions.All, function => Assert.Contains($"| `{function.Name}{function.Signature}` | {function.Description} |", Page, StringComparison.Ordinal));

    [Fact]
    public void The_documentation_holds_every_method() =>
        Assert.All(Methods.Names, name => Assert.True(Page.Contains($"`{name}`", StringComparison.Ordinal) || name == "test", name));

    [Fact]
    public void Every_function_has_one_implementation() =>
        Assert.All(ExpressionFunctions.All, function => Assert.True(function.Scalar is null != function.Script is null, function.Name));

    [Theory]
    [InlineData("hmac", 3, 5)]
    [InlineData("now", 0, 0)]
    [InlineData("Math.max", 0, int.MaxValue)]
    public void The_signature_says_how_many_arguments_there_are(string name, int least, int most)
    {
        var function = ExpressionFunctions.Find(name)!;
        Assert.Equal((least, most), (function.Least, function.Most));
    }
}
