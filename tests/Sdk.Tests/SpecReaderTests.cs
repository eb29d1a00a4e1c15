using System.Text.Json;

namespace Sluice.Sdk.Tests;

public sealed class SpecReaderTests
{
    private readonly NodeSpec _spec = new SampleNode().Spec;

    [Fact]
    public void The_attributes_of_the_node_are_its_spec()
    {
        Assert.Equal(("sample", "Sample", "Tests", "A sample.", Effect.None), (_spec.Type, _spec.Name, _spec.Category, _spec.Summary, _spec.Effect));
        Assert.Equal([new PortSpec("out", "Always.")], _spec.Ports);
        Assert.Equal([new NodeExample("One", """{"name":"a"}""", null, "out", false)], _spec.Examples);
    }

    [Theory]
    [InlineData("name", """{"description":"The name.","type":"string","examples":["a"],"maxLength":10}""")]
    [InlineData("color", """{"description":"The colour.","enum":["dark_red","green"],"default":"green","type":"string","enumDescriptions":["Red, and dark.","Green."]}""")]
    [InlineData("border_color", """{"description":"The colour around it.","enum":["dark_red","green",null],"type":["string","null"],"enumDescriptions":["Red, and dark.","Green."]}""")]
    [InlineData("times", """{"description":"How often.","type":"integer","default":1,"minimum":1,"maximum":9}""")]
    [InlineData("wait", """{"description":"How long.","default":"30s","type":["string","null"],"pattern":"^([0-9]{1,8})(ms|s|m|h)$"}""")]
    [InlineData("anything", """{"description":"Any JSON.","examples":[{"a":1}]}""")]
    [InlineData("password", """{"description":"The password.","type":["string","null"],"writeOnly":true,"x-expressions":false}""")]
    [InlineData("parts", """{"description":"Parts.","type":["array","null"],"items":{"type":"object","properties":{"size":{"description":"Its size.","type":"number"},"labels":{"description":"Its labels.","type":["array","null"],"items":{"type":"string"},"maxItems":1},"rest":{"description":"Its rest.","type":["string","null"],"pattern":"^([0-9]{1,8})(ms|s|m|h)$","x-minimum":"500ms","x-maximum":"60s"}},"required":["size"],"additionalProperties":false}}""")]
    [InlineData("waits", """{"description":"Waits.","type":["array","null"],"items":{"type":"string","pattern":"^([0-9]{1,8})(ms|s|m|h)$"},"maxItems":2}""")]
    [InlineData("counts", """{"description":"By name.","type":["object","null"],"additionalProperties":{"type":"integer"},"maxProperties":2}""")]
    public void A_field_is_described_with_its_type_default_values_and_bounds(string field, string schema)
    {
        var actual = JsonElement.Parse(_spec.ConfigSchema).GetProperty("properties").GetProperty(field);

        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(schema), actual), actual.GetRawText());
    }

    [Fact]
    public void The_config_is_closed_and_a_field_without_a_default_is_required()
    {
        var schema = JsonElement.Parse(_spec.ConfigSchema);

        Assert.Equal("object", schema.GetProperty("type").GetString());
        Assert.Equal("[\"name\"]", schema.GetProperty("required").GetRawText());
        Assert.False(schema.GetProperty("additionalProperties").GetBoolean());
    }

    [Fact]
    public void A_class_without_the_attribute_is_no_node() =>
        Assert.Contains("[Node(", Assert.Throws<InvalidOperationException>(() => new Nameless().Spec).Message, StringComparison.Ordinal);

    private sealed class Nameless() : Node<SampleConfig, SampleOutput>(SampleJson.Default)
    {
        protected override ValueTask<NodeResult<SampleOutput>> RunAsync(SampleConfig config, NodeContext context, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
