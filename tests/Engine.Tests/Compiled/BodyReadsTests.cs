using Sluice.Engine.Compiled;
using Sluice.Engine.Tests.Checking;

namespace Sluice.Engine.Tests.Compiled;

/// <summary>What a workflow may read of the body of its requests: what is not known to read something else counts.</summary>
public sealed class BodyReadsTests
{
    [Theory]
    [InlineData("{{ trigger.output.headers.host }}", BodyUse.None)]
    [InlineData("{{ trigger.output.files.cv.name }}", BodyUse.None)]
    [InlineData("{{ trigger.output.path.length }}", BodyUse.None)]
    [InlineData("{{ trigger.output.body }}", BodyUse.Value)]
    [InlineData("{{ trigger['output']['body'].id }}", BodyUse.Value)]
    [InlineData("{{ trigger?.output?.body?.items[0].id }}", BodyUse.Value)]
    [InlineData("{{ trigger.output.body.items.map(trigger => trigger.id) }}", BodyUse.Value)]
    [InlineData("{{ trigger.output.raw_body }}", BodyUse.Text)]
    [InlineData("{{ trigger.output.raw_body.length }}", BodyUse.Text)]
    [InlineData("{{ [trigger.output.body, trigger.output.raw_body] }}", BodyUse.All)]
    [InlineData("{{ trigger }}", BodyUse.All)]
    [InlineData("{{ trigger.output }}", BodyUse.All)]
    [InlineData("{{ to_json(trigger.output) }}", BodyUse.All)]
    [InlineData("{{ trigger.output[trigger.output.query.member] }}", BodyUse.All)]
    public void An_expression_of_a_step_reads_the_body_or_does_not(string value, object use)
    {
        Assert.Equal(use, UseOf($"config: {{ values: {{ it: \"{value}\" }} }}"));
        Assert.Equal(use, UseOf($"config: {{ values: {{}} }}, when: \"{value}\""));
    }

    [Theory]
    [InlineData("text", BodyUse.None)]
    [InlineData("order {{ trigger.output.body.id }} of {{ trigger.output.method }}", BodyUse.Value)]
    public void A_text_reads_the_body_or_does_not(string value, object use) => Assert.Equal(use, UseOf($"config: {{ values: {{ it: \"{value}\" }} }}"));

    [Fact]
    public void A_step_in_a_branch_reads_it_too() => Assert.Equal(BodyUse.Value, UseOf(
        """config: { conditions: [ { field: a, operator: equals } ] }, branches: { "true": [ { key: inner, type: set, config: { values: { it: "{{ trigger.output.body }}" } } } ] }""", "gate"));

    [Theory]
    [InlineData("when: \"{{ trigger.output.body.id }}\"", BodyUse.Value)]
    [InlineData("idempotency: \"{{ trigger.output.body.id }}\"", BodyUse.Value)]
    [InlineData("idempotency: standard_webhooks", BodyUse.None)]
    [InlineData("acknowledge: { status: 202, body: \"{{ trigger.output.body.id }}\" }", BodyUse.Value)]
    [InlineData("on_deadline: { status: 202, body: \"{{ trigger.output.raw_body }}\" }", BodyUse.Text)]
    [InlineData("request: { body: { type: object } }", BodyUse.Value)]
    [InlineData("request: { query: { type: object } }", BodyUse.None)]
    public void The_trigger_reads_the_body_or_does_not(string config, object use) => Assert.Equal(use, UseOf("config: { values: {} }", trigger: config));

    private static BodyUse UseOf(string step, string type = "set", string trigger = "methods: POST")
    {
        var (_, compiled, problems) = TestCatalog.Checker().CheckText($$"""
            name: orders
            trigger: { type: webhook, config: { path: orders/, {{trigger}} } }
            steps:
              - { key: only, type: {{type}}, {{step}} }
            """);
        Assert.Empty(problems);
        return compiled!.BodyUse;
    }
}
