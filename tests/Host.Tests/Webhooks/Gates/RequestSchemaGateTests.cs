using System.Text.Json;

namespace Sluice.Host.Tests.Webhooks.Gates;

/// <summary>The trigger's <c>request</c>, over real HTTP.</summary>
public sealed class RequestSchemaGateTests(SharedHost shared)
{
    private const string Steps = "  - { key: ack, type: webhook_response, config: { status: 201 } }";
    private const string Body = "body: { type: object, required: [id], properties: { id: { type: string }, lines: { items: { properties: { count: { minimum: 1 } } } } } }";

    private TestHost Host => shared.Host;

    [Fact]
    public async Task A_request_that_fits_starts_a_run()
    {
        await Host.PublishAsync("fits", Steps, $"request: {{ {Body} }}");

        Assert.Equal(201, (await Host.PostAsync("/hooks/fits", """{"id":"o1","lines":[{"count":1}]}""")).Status);
    }

    [Fact]
    public async Task A_body_that_does_not_fit_is_answered_422_with_all_that_is_wrong_and_no_run()
    {
        await Host.PublishAsync("fits-not", Steps, $"request: {{ {Body} }}");

        var answer = await Host.PostAsync("/hooks/fits-not", """{"id":7,"lines":[{"count":1},{"count":0}]}""");

        answer.IsProblem(422, "invalid-request", hasRun: false);
        Assert.Equal(
            """[{"in":"body","path":"/id","message":"must be a string, not a number."},{"in":"body","path":"/lines/1/count","message":"must be at least 1."}]""",
            answer.Json.GetProperty("errors").Compact());
        Assert.Equal(0, await Host.CountRunsAsync("fits-not"));
    }

    [Fact]
    public async Task Query_headers_and_parameters_are_held_against_schemas_too()
    {
        await Host.PutAsync("fits-parts", $$"""
            name: fits-parts
            trigger:
              type: webhook
              config:
                path: "/fits-parts/{shop}"
                request:
                  params: { properties: { shop: { enum: [north, south] } } }
                  query: { required: [page], properties: { page: { pattern: "^[0-9]+$" } } }
                  headers: { required: [x-tenant] }
            steps:
            {{Steps}}
            """);

        var answer = await Host.PostAsync("/hooks/fits-parts/west?page=one");

        Assert.Equal(["params /shop", "query /page", "headers /x-tenant"], answer.Json.GetProperty("errors").EnumerateArray().Select(Place));
        using var right = new HttpRequestMessage(HttpMethod.Post, "/hooks/fits-parts/north?page=1") { Headers = { { "X-Tenant", "a" } } };
        Assert.Equal(201, (await Host.SendAsync(right)).Status);
    }

    [Fact]
    public async Task The_schema_is_asked_before_the_condition()
    {
        await Host.PublishAsync("fits-first", Steps, $"when: false, request: {{ {Body} }}");

        Assert.Equal(422, (await Host.PostAsync("/hooks/fits-first", "{}")).Status);
        Assert.Equal(204, (await Host.PostAsync("/hooks/fits-first", """{"id":"o1"}""")).Status);
    }

    [Fact]
    public async Task A_body_made_to_keep_the_check_busy_is_refused_as_too_much()
    {
        await Host.PublishAsync("fits-hostile", Steps,
            """request: { body: { $defs: { t: { properties: { n: { oneOf: [ { $ref: "#/$defs/t" }, { $ref: "#/$defs/t" } ] } } } }, $ref: "#/$defs/t" } }""");

        var answer = await Host.PostAsync("/hooks/fits-hostile", string.Concat(Enumerable.Repeat("{\"n\":", 45)) + "1" + new string('}', 45));

        answer.IsProblem(422, "invalid-request", hasRun: false);
        Assert.Contains("more than is checked", answer.Body, StringComparison.Ordinal);
    }

    private static string Place(JsonElement error) => $"{error.Text("in")} {error.Text("path")}";
}
