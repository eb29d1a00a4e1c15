using Sluice.Engine.Expressions;

namespace Sluice.Engine.Tests.Expressions;

public sealed class TemplateTests
{
    [Theory]
    [InlineData("{{ value }}", "true", true)]
    [InlineData("{{ value }}", "false", false)]
    [InlineData("{{ value }}", "null", false)]
    [InlineData("{{ value }}", "0", false)]
    [InlineData("{{ value }}", "0.0", false)]
    [InlineData("{{ value }}", "-1", true)]
    [InlineData("{{ value }}", "\"\"", false)]
    [InlineData("{{ value }}", "\"false\"", true)]
    [InlineData("{{ value }}", "{}", true)]
    [InlineData("{{ value }}", "[]", true)]
    [InlineData("{{ value === 5 }}", "5", true)]
    [InlineData("{{ value.length > 1 }}", "[1, 2]", true)]
    [InlineData("{{ value.map(x => x).length }}", "[]", false)]
    [InlineData("{{ !value }}", "[]", false)]
    [InlineData("{{ value }}{{ value }}", "null", false)]
    [InlineData("{{ value }}{{ value }}", "1", true)]
    [InlineData("no {{ value }}", "null", true)]
    [InlineData("{{ missing }}", "null", false)]
    public void It_is_true_as_in_JavaScript(string text, string value, bool expected)
    {
        var (template, problems) = Compiled.Compile(text);
        Assert.Empty(problems);
        Assert.Equal(expected, template.IsTrue(new JsonScope($$"""{ "value": {{value}} }""")));
    }

    [Theory]
    [InlineData("text", true)]
    [InlineData("{{ 'text' }}", true)]
    [InlineData("{{ 5 }} {{ null }}", true)]
    [InlineData("{{ now() }}", false)]
    [InlineData("{{ trigger }}", false)]
    public void It_is_literal_where_its_value_is_always_the_same(string text, bool expected) => Assert.Equal(expected, Compiled.Compile(text).Template.IsLiteral);

    [Fact]
    public void References_are_known_once_for_each_use_and_without_length()
    {
        var (template, _) = Compiled.Compile("{{ trigger.output.body.items.length }} {{ a.map(x => x.b + trigger.output.c-d + item[0]['k']) }}");
        Assert.Equal(
            ["trigger.output.body.items", "a", "trigger.output.c-d", "item.[0].k"],
            template.References.Select(use => string.Join('.', use.Reference.Parts.Select(part => part.Name ?? $"[{part.Index}]").Prepend(use.Reference.Root))));
        Assert.Equal([4, 43, 60, 81], template.References.Select(use => use.Site.At.Column));
    }

    [Fact]
    public void A_parameter_hides_a_root_of_the_same_name()
    {
        var (template, problems) = Compiled.Compile("{{ [1].map(trigger => trigger + 1) }}");
        Assert.Empty(problems);
        Assert.Empty(template.References);
        Assert.Equal("[2]", Compiled.Write(writer => template.WriteTo(writer, new JsonScope("{}"))));
    }

    [Fact]
    public void Secrets_are_known_by_name()
    {
        var (template, _) = Compiled.Compile("{{ secrets.a }}{{ [secrets.b, secrets['a']] }}");
        Assert.Equal(["a", "b"], template.Secrets);
        Assert.Empty(template.References);
    }

    [Fact]
    public void A_script_and_its_inputs_run_on_many_threads_at_once()
    {
        var (template, _) = Compiled.Compile("{{ list.map(x => x * 2).join('-') }}");
        var scope = new JsonScope("""{ "list": [1, 2, 3] }""");
        Parallel.For(0, 200, _ => Assert.Equal("\"2-4-6\"", Compiled.Write(writer => template.WriteTo(writer, scope))));
    }

    [Fact]
    public void A_script_reads_nothing_of_a_branch_that_it_does_not_take()
    {
        var (template, _) = Compiled.Compile("{{ yes ? [1] : [secrets.missing] }}");
        Assert.Equal("[1]", Compiled.Write(writer => template.WriteTo(writer, new JsonScope("""{ "yes": true }"""))));
    }

    [Fact]
    public void Warming_up_evaluates_without_a_problem() => ExpressionWarmUp.Run();
}
