using System.Text;
using System.Text.Json;
using Sluice.Engine.Schemas;
using Sluice.Engine.Tests.Checking;
using Sluice.Engine.Text;

namespace Sluice.Engine.Tests.Schemas;

/// <summary>What a schema says of values: tests/cases/schemas has one file a case, and here is what no file says well.</summary>
public sealed class JsonSchemaTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "cases", "schemas");

    public static TheoryData<string> Cases() =>
        [.. Directory.GetFiles(Folder, "*.txt").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_case_says_of_each_value_exactly_what_its_file_says(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, name + ".txt"));
        var values = lines[(Array.IndexOf(lines, "values:") + 1)..];
        var schema = Read(string.Join('\n', lines[(Array.IndexOf(lines, "schema:") + 1)..Array.IndexOf(lines, "values:")].Select(line => line.Length > 2 ? line[2..] : line)));

        var said = new StringBuilder();
        foreach (var value in values.Where(line => line.StartsWith("  ", StringComparison.Ordinal) && !line.StartsWith("    ", StringComparison.Ordinal)))
        {
            said.AppendLine(value);
            foreach (var error in schema.Check(JsonElement.Parse(value)))
            {
                said.AppendLine($"    {error.Path}: {error.Message}");
            }
        }

        Assert.Equal(string.Join('\n', values), said.ToString().TrimEnd());
    }

    [Fact]
    public void No_message_holds_the_value()
    {
        var schema = Read("""{"type":"object","properties":{"a":{"enum":[1]},"b":{"maxLength":2},"c":{"pattern":"^x"},"d":{"type":"number"}}}""");

        var errors = schema.Check(JsonElement.Parse("""{"a":"hush","b":"hush","c":"hush","d":"hush"}"""));

        Assert.Equal(4, errors.Count);
        Assert.All(errors, error => Assert.DoesNotContain("hush", error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void No_more_than_twenty_errors_are_told()
    {
        var schema = Read("""{"items":{"type":"string"}}""");

        Assert.Equal(JsonSchema.MostErrors, schema.Check(JsonElement.Parse($"[{string.Join(',', Enumerable.Repeat("1", 500))}]")).Count);
    }

    [Fact]
    public void A_schema_that_doubles_its_work_at_each_level_of_a_value_comes_to_an_end()
    {
        var schema = Read("""{"$defs":{"tree":{"properties":{"n":{"oneOf":[{"$ref":"#/$defs/tree"},{"$ref":"#/$defs/tree"}]}}}},"$ref":"#/$defs/tree"}""");
        var value = string.Concat(Enumerable.Repeat("{\"n\":", 45)) + "1" + new string('}', 45);

        var error = Assert.Single(schema.Check(JsonElement.Parse(value)));

        Assert.Equal(("", true), (error.Path, error.Message.Contains("more than is checked", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_large_value_of_a_plain_schema_is_checked_whole()
    {
        var schema = Read("""{"type":"array","items":{"type":"object","properties":{"id":{"type":"integer"},"tags":{"items":{"type":"string"}}},"required":["id"]}}""");
        var items = string.Join(',', Enumerable.Range(0, 100_000).Select(id => $$"""{"id":{{id}},"tags":["a","b"]}"""));

        Assert.Empty(schema.Check(JsonElement.Parse($"[{items}]")));
        Assert.Equal("/100000/id", Assert.Single(schema.Check(JsonElement.Parse($"[{items},{{}}]"))).Path);
    }

    private static JsonSchema Read(string text)
    {
        var problems = new List<Problem>();
        var schema = SchemaReader.Read(YamlReader.Read(text).Root!, "schema", problems);
        Assert.Equal("none", WorkflowCase.Write(problems));
        return schema!;
    }
}
