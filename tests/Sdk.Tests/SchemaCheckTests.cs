using System.Text.Json;

namespace Sluice.Sdk.Tests;

public sealed class SchemaCheckTests
{
    [Theory]
    [InlineData("true", "1", "")]
    [InlineData("""{"type":"integer"}""", "1", "")]
    [InlineData("""{"type":"integer"}""", "1.0", "")]
    [InlineData("""{"type":"integer"}""", "1.5", "It must be a whole number, not a fraction.")]
    [InlineData("""{"type":["string","null"]}""", "null", "")]
    [InlineData("""{"minimum":1,"maximum":3}""", "4", "It must be at most 3.")]
    [InlineData("""{"minimum":1,"maximum":3}""", "0", "It must be at least 1.")]
    [InlineData("""{"pattern":"^a"}""", "\"b\"", "It must match ^a.")]
    [InlineData("""{"enum":["a",2]}""", "2.0", "")]
    [InlineData("""{"enum":["a",2]}""", "\"b\"", "It must be one of `a`, `2`.")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"array"}]}""", "[]", "")]
    [InlineData("""{"anyOf":[{"type":"string"},{"type":"array"}]}""", "1", "It does not match any of the allowed forms.")]
    [InlineData("""{"const":"a"}""", "\"b\"", "It must be `a`.")]
    [InlineData("""{"anyOf":[{"properties":{"k":{"const":1}},"required":["x"]},{"properties":{"k":{"const":2}}}]}""", """{"k":1}""", "x: is missing.")]
    [InlineData("""{"anyOf":[{"properties":{"k":{"const":1}},"required":["x"]},{"properties":{"k":{"const":2}}}]}""", """{"k":3}""", "k: must be one of `1`, `2`.")]
    [InlineData("""{"anyOf":[{"properties":{"k":{"const":1}}},{"required":["x"]}]}""", "{}", "x: is missing.")]
    [InlineData("""{"items":{"type":"string"}}""", """["a",1]""", "[1]: must be a string, not a number.")]
    [InlineData("""{"additionalProperties":{"type":"string"}}""", """{"a":1}""", "a: must be a string, not a number.")]
    [InlineData("""{"properties":{"a":true},"additionalProperties":false}""", """{"b":1}""", "b: is not a known field. The fields are: a.")]
    [InlineData("""{"required":["a"]}""", "{}", "a: is missing.")]
    [InlineData("""{"properties":{"in":{"$ref":"#"}},"required":["x"]}""", """{"x":1,"in":{"in":{"x":1}}}""", "in.x: is missing.")]
    [InlineData("""{"$ref":"#"}""", "1", "")]
    public void A_value_is_held_to_its_schema(string schema, string value, string problems) =>
        Assert.Equal(problems, string.Join(' ', SchemaCheck.Problems(JsonElement.Parse(schema), JsonElement.Parse(value))
            .Select(problem => problem.Path.Length == 0 ? problem.Message : $"{problem.Path}: {problem.Message}")));
}
