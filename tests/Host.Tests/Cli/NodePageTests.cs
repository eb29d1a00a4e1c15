using System.Text.Json;
using Sluice.Host.Api;
using Sluice.Host.Cli;
using Sluice.Host.Cli.Output;

namespace Sluice.Host.Tests.Cli;

public sealed class NodePageTests
{
    [Fact]
    public void A_node_is_shown_with_defaults_bounds_examples_output_and_ports()
    {
        var text = new StringWriter { NewLine = "\n" };

        new NodePage(new Terminal(text, hasColour: false, width: null)).Print(new NodeView(
            "greet", "Greet", "Samples", "Greets by name.", "Sample@1.0.0", "none", null, [new PortView("polite", "The tone is polite.")],
            JsonElement.Parse("""
                {"type":"object","additionalProperties":false,"required":["name"],"properties":{
                  "name":{"type":"string","description":"Who is greeted.","minLength":1,"maxLength":80,"examples":["Ada"]},
                  "times":{"type":"integer","description":"How often.","default":1,"minimum":1,"maximum":9},
                  "key":{"type":"string","writeOnly":true}}}
                """),
            JsonElement.Parse("""{"type":"object","properties":{"greeting":{"type":"string","description":"The greeting."}}}"""),
            [new ExampleView("A name", JsonElement.Parse("""{"name":"Ada"}"""), JsonElement.Parse("""{"greeting":"Good day, Ada."}"""), "polite")]));

        Assert.Equal(
            """
            greet  Greet (Samples, plugin Sample@1.0.0)
              Greets by name.
              Effect: none. It only computes, and is evaluated again after a crash.

            Config
              name  string, required, 1 to 80 characters
                  Who is greeted.
                  Example: "Ada"
              times  integer, default 1, 1 to 9
                  How often.
              key  string, optional, secret

            Output
              greeting  string
                  The greeting.

            Ports
              polite
                  The tone is polite.

            Examples
              A name
                  config: {"name":"Ada"}
                  port: polite
                  output: {"greeting":"Good day, Ada."}

            """,
            text.ToString());
    }
}
