using System.Text.Json;
using Microsoft.OpenApi;

namespace Sluice.Host.Tests.OpenApi;

public sealed class WebhookDocumentTests(SharedHost shared)
{
    private const string Path = "/api/openapi/webhooks.json";
    private const string Answer = "  - { key: answer, type: webhook_response }";

    private TestHost Host => shared.Host;

    [Fact]
    public async Task A_published_workflow_is_in_the_document_and_one_that_is_disabled_or_deleted_is_not()
    {
        await Host.PublishAsync("comes-and-goes", Answer, "methods: [POST, PUT]");
        var (document, _) = await Description.ReadAsync(Host, Path);
        Assert.Equal([HttpMethod.Post, HttpMethod.Put], document.Paths["/hooks/comes-and-goes"].Operations!.Keys);
        Assert.Equal("comes-and-goes.put", document.Paths["/hooks/comes-and-goes"].Operations![HttpMethod.Put].OperationId);

        await Host.PostAsync("/api/workflows/comes-and-goes/disable");
        Assert.DoesNotContain("/hooks/comes-and-goes", (await Description.ReadAsync(Host, Path)).Document.Paths.Keys);
        await Host.PostAsync("/api/workflows/comes-and-goes/enable");
        Assert.Contains("/hooks/comes-and-goes", (await Description.ReadAsync(Host, Path)).Document.Paths.Keys);
        await Host.SendAsync(HttpMethod.Delete, "/api/workflows/comes-and-goes");
        Assert.DoesNotContain("/hooks/comes-and-goes", (await Description.ReadAsync(Host, Path)).Document.Paths.Keys);
    }

    [Fact]
    public async Task The_parameters_of_a_path_are_described_and_two_workflows_on_one_path_share_them()
    {
        await PutAsync("reads-part", "path: \"/oa-orders/{id}/parts/{part}\", methods: [GET]", Answer);
        await PutAsync("writes-part", "path: \"/oa-orders/{order}/parts/{name}\", methods: [PUT], request: { params: { properties: { name: { maxLength: 9 } } } }", Answer);

        var (document, _) = await Description.ReadAsync(Host, Path);

        var path = Assert.Single(document.Paths, path => path.Key.StartsWith("/hooks/oa-orders/", StringComparison.Ordinal));
        Assert.Equal("/hooks/oa-orders/{id}/parts/{part}", path.Key);
        Assert.All(path.Value.Operations!.Values, operation =>
        {
            var parameters = operation.Parameters!.Where(parameter => parameter.In == ParameterLocation.Path).ToArray();
            Assert.Equal(["id", "part"], parameters.Select(parameter => parameter.Name));
            Assert.All(parameters, parameter => Assert.True(parameter.Required));
        });
        Assert.Equal(9, path.Value.Operations![HttpMethod.Put].Parameters![1].Schema!.MaxLength);
        Assert.Null(path.Value.Operations[HttpMethod.Get].RequestBody);
    }

    [Fact]
    public async Task The_request_s_schemas_are_the_trigger_s_with_every_keyword_and_their_references_led_on()
    {
        await PutAsync("schooled", """
            path: /schooled, methods: [POST], request: {
              body: { type: object, required: [id, next], properties: { id: { $ref: "#/$defs/id" }, next: { $ref: "#" } }, if: { required: [x] }, then: { required: [y] },
                $defs: { id: { type: string } } },
              query: { required: [page, size], properties: { page: { type: string, pattern: "^[0-9]+$" }, sort: true } },
              headers: { required: [x-tenant, content-type] } }
            """, Answer);

        var (document, json) = await Description.ReadAsync(Host, Path);

        var operation = document.Paths["/hooks/schooled"].Operations![HttpMethod.Post];
        Assert.Equal(
            ["Idempotency-Key Header False", "Prefer Header False", "page Query True", "size Query True", "sort Query False", "webhook-id Header False", "x-tenant Header True"],
            operation.Parameters!.Select(parameter => $"{parameter.Name} {parameter.In} {parameter.Required}").Order(StringComparer.Ordinal));
        Assert.True(operation.RequestBody!.Required);
        Assert.Equal(["id", "next"], operation.RequestBody.Content!["application/json"].Schema!.Required!.Order());
        Assert.Contains("422", operation.Responses!.Keys);
        Assert.Equal(
            """
            {"type":"object","required":["id","next"],"properties":{"id":{"$ref":"#/components/schemas/schooled.body.id"},"next":{"$ref":"#/components/schemas/schooled.body"}},"if":{"required":["x"]},"then":{"required":["y"]}}
            """,
            JsonSerializer.Serialize(json.GetProperty("components").GetProperty("schemas").GetProperty("schooled.body")));
        Assert.Equal(JsonSchemaType.String, document.Components!.Schemas!["schooled.body.id"].Type);
    }

    [Fact]
    public async Task The_answers_are_the_replies_of_the_steps_and_the_problems_that_can_come_up()
    {
        await PutAsync("answers", "path: /answers, methods: [GET]", """
              - { key: made, type: webhook_response, when: "{{ trigger.output.query.a }}", config: { status: 201, body: { ok: true } } }
              - { key: busy, type: webhook_response, config: { status: 503, body: "<wait/>", content_type: application/xml } }
            """);
        await PutAsync("answers-some", "path: /answers-some, methods: [GET]", "  - { key: any, type: webhook_response, config: { status: \"{{ trigger.output.query.s }}\" } }");
        await PutAsync("answers-none", "path: /answers-none, when: true, acknowledge: { status: 203 }, max_concurrent: 1, rate_limit: { requests: 5, per: 1s }", "  - { key: work, type: probe, config: { do: pass } }");

        var (document, _) = await Description.ReadAsync(Host, Path);

        var answers = document.Paths["/hooks/answers"].Operations![HttpMethod.Get].Responses!;
        Assert.Equal(["201", "202", "400", "422", "500", "503", "504"], answers.Keys);
        Assert.Equal(["application/json"], answers["201"].Content!.Keys);
        Assert.Equal(["Sluice-Run-Id"], answers["201"].Headers!.Keys);
        Assert.Equal(["application/xml", "application/problem+json"], answers["503"].Content!.Keys);
        Assert.Equal(["Retry-After", "Sluice-Run-Id"], answers["503"].Headers!.Keys.Order());
        Assert.Contains("`deadline-passed`", answers["504"].Description, StringComparison.Ordinal);
        Assert.Equal("Problem", Assert.IsType<OpenApiSchemaReference>(answers["504"].Content!["application/problem+json"].Schema).Reference.Id);
        Assert.Equal(["202", "400", "422", "500", "503", "504", "default"], document.Paths["/hooks/answers-some"].Operations![HttpMethod.Get].Responses!.Keys);
        var none = document.Paths["/hooks/answers-none"].Operations![HttpMethod.Post].Responses!;
        Assert.Equal(["202", "203", "204", "400", "413", "415", "422", "429", "500", "503"], none.Keys);
        Assert.Equal("Condition failed (`condition-failed`)", none["500"].Description);
        Assert.Contains("`workflow-busy`", none["503"].Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_has_the_types_that_the_trigger_lists_and_a_reply_the_type_of_its_form()
    {
        await PutAsync("takes-pictures", "path: /takes-pictures, body: { accept: [image/*, application/json] }", """
              - { key: page, type: webhook_response, when: "{{ trigger.output.query.a }}", config: { body: "<p>", body_type: html } }
              - { key: away, type: webhook_response, config: { redirect: "https://example.org/" } }
            """);

        var (document, _) = await Description.ReadAsync(Host, Path);

        var operation = document.Paths["/hooks/takes-pictures"].Operations![HttpMethod.Post];
        Assert.Equal(["image/*", "application/json"], operation.RequestBody!.Content!.Keys);
        Assert.Equal(["text/html"], operation.Responses!["200"].Content!.Keys);
        Assert.Equal("The reply of the step `away`", operation.Responses["302"].Description);
    }

    [Fact]
    public async Task The_key_of_a_delivery_and_the_preference_not_to_wait_are_described_with_what_they_bring()
    {
        await PutAsync("keyed-once", "path: /keyed-once, idempotency: { key: github, required: true }", Answer);
        await PutAsync("never-keyed", "path: /never-keyed, idempotency: false", Answer);

        var (document, _) = await Description.ReadAsync(Host, Path);

        var keyed = document.Paths["/hooks/keyed-once"].Operations![HttpMethod.Post];
        Assert.Equal(["X-GitHub-Delivery True", "Prefer False"], keyed.Parameters!.Select(parameter => $"{parameter.Name} {parameter.Required}"));
        Assert.Contains("`idempotency-key-missing`", keyed.Responses!["400"].Description, StringComparison.Ordinal);
        Assert.Contains("`idempotency-key-reused`", keyed.Responses["422"].Description, StringComparison.Ordinal);
        Assert.Contains("Location", keyed.Responses["202"].Headers!.Keys);
        Assert.Equal(["run_id", "status", "location"], keyed.Responses["202"].Content!["application/json"].Schema!.Properties!.Keys);
        var never = document.Paths["/hooks/never-keyed"].Operations![HttpMethod.Post];
        Assert.Equal(["Prefer"], never.Parameters!.Select(parameter => parameter.Name));
        Assert.DoesNotContain("idempotency-key-reused", never.Responses!["422"].Description, StringComparison.Ordinal);
        Assert.Equal(["202", "404", "503", "default"], document.Paths["/runs/{id}"].Operations![HttpMethod.Get].Responses!.Keys);
    }

    [Theory]
    [InlineData("basic", "type: basic, users: { ada: \"{{ secrets.oa }}\" }", "http basic  ")]
    [InlineData("jwt", "type: jwt, secret: \"{{ secrets.oa }}\", algorithms: [HS256]", "http bearer  JWT")]
    [InlineData("token", "type: key, header: Authorization, prefix: \"Bearer \", secret: \"{{ secrets.oa }}\"", "http bearer  ")]
    [InlineData("key", "type: key, header: X-Key, secret: \"{{ secrets.oa }}\"", "apiKey  X-Key ")]
    [InlineData("hmac", "type: hmac, header: X-Signed, secret: \"{{ secrets.oa }}\"", "apiKey  X-Signed ")]
    [InlineData("github", "type: github, secret: \"{{ secrets.oa }}\"", "apiKey  X-Hub-Signature-256 ")]
    [InlineData("slack", "type: slack, secret: \"{{ secrets.oa }}\"", "apiKey  X-Slack-Signature ")]
    [InlineData("shopify", "type: shopify, secret: \"{{ secrets.oa }}\"", "apiKey  X-Shopify-Hmac-Sha256 ")]
    [InlineData("stripe", "type: stripe, secret: \"{{ secrets.oa }}\"", "apiKey  Stripe-Signature ")]
    [InlineData("paddle", "type: paddle, secret: \"{{ secrets.oa }}\"", "apiKey  Paddle-Signature ")]
    [InlineData("discord", "type: discord, public_key: d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "apiKey  X-Signature-Ed25519 ")]
    [InlineData("twilio", "type: twilio, secret: \"{{ secrets.oa }}\", public_url: \"https://hooks.example\"", "apiKey  X-Twilio-Signature ")]
    [InlineData("standard", "type: standard_webhooks, secret: \"{{ secrets.oa }}\"", "apiKey  webhook-signature ")]
    public async Task What_a_trigger_asks_of_the_sender_is_a_security_scheme_of_the_workflow(string name, string auth, string expected)
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(System.IO.Path.Combine(folder.Secrets, "oa"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", TestContext.Current.CancellationToken);
        await using var host = await TestHost.StartAsync(folder);
        await host.PublishAsync(name, Answer, $"auth: {{ {auth} }}");

        var (document, json) = await Description.ReadAsync(host, Path);

        var operation = document.Paths[$"/hooks/{name}"].Operations![HttpMethod.Post];
        Assert.Equal(name, Assert.Single(Assert.Single(operation.Security!).Keys).Reference.Id);
        var scheme = json.GetProperty("components").GetProperty("securitySchemes").GetProperty(name);
        string Member(string member) => scheme.TryGetProperty(member, out var value) ? value.GetString()! : "";
        Assert.Equal(expected, $"{Member("type")} {Member("scheme")} {Member("name")} {Member("bearerFormat")}");
        Assert.Contains("401", operation.Responses!.Keys);
    }

    private Task PutAsync(string name, string config, string steps) =>
        Host.PutAsync(name, $"name: {name}\ntrigger: {{ type: webhook, config: {{ {config} }} }}\nsteps:\n{steps}\n");
}
