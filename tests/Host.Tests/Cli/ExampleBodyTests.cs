using Sluice.Engine.Publishing;
using Sluice.Host.Cli;

namespace Sluice.Host.Tests.Cli;

public sealed class ExampleBodyTests(SharedHost shared)
{
    [Theory]
    [InlineData("nothing", "{{ run.id }} {{ trigger.output.query.page }}", """{"id":1}""")]
    [InlineData("whole", "{{ trigger.output.body }}", """{"id":1}""")]
    [InlineData("members", "{{ trigger.output.body.order }} {{ trigger.output.body.amount * 2 }}", """{"order":"1","amount":"1"}""")]
    [InlineData("nested", "{{ trigger.output.body.data.id }} {{ trigger.output.body.data }}", """{"data":{"id":"1"}}""")]
    [InlineData("listed", "{{ trigger.output.body.items[2].sku }} {{ trigger.output.body.items.length }}", """{"items":[{"sku":"1"}]}""")]
    [InlineData("quoted", "{{ trigger.output.body[\"it's\"] }}", """{"it\u0027s":"1"}""")]
    public async Task It_has_what_a_step_reads(string name, string template, string body)
    {
        await shared.Host.PublishAsync($"example-{name}", $"  - key: answer\n    type: webhook_response\n    config:\n      body:\n        it: >-\n          {template}");

        Assert.Equal(body, Of($"example-{name}"));
    }

    [Fact]
    public async Task It_has_what_conditions_and_the_steps_of_branches_read()
    {
        await shared.Host.PublishAsync("example-branches", """
              - key: which
                type: switch
                when: "{{ trigger.output.body.first }}"
                config: { value: "{{ trigger.output.body.kind }}", cases: { a: 1 } }
                branches:
                  a:
                    - { key: answer, type: webhook_response, config: { body: "{{ trigger.output.body.name }}" } }
            """);

        Assert.Equal("""{"kind":"1","first":"1","name":"1"}""", Of("example-branches"));
    }

    private string Of(string workflow) => ExampleBody.Of(shared.Host.Get<WorkflowRegistry>().All().Single(state => state.Stored.Name == workflow).Compiled!);
}
