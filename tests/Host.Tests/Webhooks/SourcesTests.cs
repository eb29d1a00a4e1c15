namespace Sluice.Host.Tests.Webhooks;

/// <summary>What the two source documents ask for: one test for each of their rows, named by it.</summary>
public sealed class SourcesTests(SharedHost shared)
{
    private TestHost Host => shared.Host;

    [Fact]
    public async Task Row_1_1_A_workflow_started_by_a_webhook_sends_a_custom_response_to_the_caller_who_waits()
    {
        var answer = await AnswerAsync("row-1-1", "status: 418, body: \"Short and stout, {{ trigger.output.body.name }}.\"", """{"name":"Ada"}""");

        Assert.Equal((418, "Short and stout, Ada."), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task Row_1_2_The_response_has_a_status_200_by_default_headers_a_body_and_a_body_type()
    {
        var plain = await AnswerAsync("row-1-2", "body: { a: 1 }");
        var made = await AnswerAsync("row-1-2-made", "status: 203, headers: { X-One: a, X-Two: [b, c] }, body: '{\"a\":1}', body_type: raw");
        var json = await AnswerAsync("row-1-2-json", "body: '{\"a\":1}', body_type: json");

        Assert.Equal((200, """{"a":1}""", "application/json"), (plain.Status, plain.Body, plain.Header("Content-Type")));
        Assert.Equal((203, """{"a":1}""", "text/plain; charset=utf-8"), (made.Status, made.Body, made.Header("Content-Type")));
        Assert.Equal(("a", "b, c"), (made.Header("X-One"), made.Header("X-Two")));
        Assert.Equal(("""{"a":1}""", "application/json"), (json.Body, json.Header("Content-Type")));
    }

    [Fact]
    public async Task Row_1_3_The_response_is_sent_the_moment_the_step_runs_and_the_workflow_goes_on_after_it()
    {
        using var before = new Mark();
        using var after = new Mark();
        await Host.PublishAsync("row-1-3", $"""
              - key: before
                type: probe
                config: {Config("wait", before)}
              - key: answer
                type: webhook_response
              - key: after
                type: probe
                config: {Config("wait", after)}
            """);
        var waiting = Host.PostAsync("/hooks/row-1-3");
        await before.EnteredAsync();
        Assert.False(waiting.IsCompleted);

        before.Open();

        var answer = await waiting;
        Assert.Equal(200, answer.Status);
        await after.EnteredAsync();
        after.Open();
        Assert.Equal("succeeded", (await Host.EndOfAsync(answer)).Status());
    }

    [Fact]
    public async Task Row_1_4_Without_such_a_step_a_default_acknowledgement_is_sent_when_the_webhook_arrives()
    {
        using var mark = new Mark();
        await Host.PublishAsync("row-1-4", $"  - {{ key: work, type: probe, config: {Config("wait", mark)} }}");

        Assert.Equal(202, (await Host.PostAsync("/hooks/row-1-4")).Status);
    }

    [Fact]
    public async Task Row_1_5_The_caller_times_out_after_the_host_s_deadline_where_the_trigger_sets_none()
    {
        using var folder = new TestFolder();
        using var mark = new Mark();
        await using var host = await TestHost.StartAsync(folder, ("Webhooks:TimeoutSeconds", "0.05"));
        await host.PublishAsync("slow", $"""
              - key: before
                type: probe
                config: {Config("wait", mark)}
              - key: answer
                type: webhook_response
            """);

        (await host.PostAsync("/hooks/slow")).IsProblem(504, "deadline-passed", hasRun: true);
    }

    [Fact]
    public async Task Row_1_6_Only_one_response_is_sent_for_a_trigger()
    {
        await Host.PublishAsync("row-1-6", """
              - { key: one, type: webhook_response, config: { body: one } }
              - { key: two, type: webhook_response, config: { body: two } }
            """);

        var answer = await Host.PostAsync("/hooks/row-1-6");

        Assert.Equal("one", answer.Body);
        Assert.False((await Host.EndOfAsync(answer)).Output("two").GetProperty("sent").GetBoolean());
    }

    [Theory]
    [InlineData("good", 200)]
    [InlineData("bad", 400)]
    [InlineData("broken", 500)]
    public async Task Row_1_7_Branches_send_different_responses_with_different_statuses(string kind, int status)
    {
        await Host.PublishAsync("row-1-7", """
              - key: kind
                type: switch
                config: { value: "{{ trigger.output.body.kind }}", cases: { good: good, bad: bad } }
                branches:
                  good: [ { key: ok, type: webhook_response, config: { status: 200, body: fine } } ]
                  bad: [ { key: wrong, type: webhook_response, config: { status: 400, body: your fault } } ]
                  default: [ { key: ours, type: webhook_response, config: { status: 500, body: our fault } } ]
            """);

        Assert.Equal(status, (await Host.PostAsync("/hooks/row-1-7", $$"""{"kind":"{{kind}}"}""")).Status);
    }

    [Fact]
    public async Task Row_1_8_The_example_flow_validates_answers_processes_and_stores()
    {
        using var mark = new Mark();
        await Host.PublishAsync("row-1-8", $$$"""
              - key: validate
                type: logic_gate
                config: { conditions: [ { field: "{{ trigger.output.body.id }}", operator: exists } ] }
                branches:
                  false:
                    - { key: refuse, type: webhook_response, config: { status: 400 } }
                    - { key: end, type: stop }
              - { key: answer, type: webhook_response, config: { body: { accepted: "{{ trigger.output.body.id }}" } } }
              - { key: process, type: set, config: { values: { total: "{{ trigger.output.body.lines.reduce((sum, line) => sum + line.price, 0) }}" } } }
              - { key: store, type: probe, config: { do: give, mark: {{{mark.Name}}}, value: "{{ process.output.total }}" } }
            """);

        var answer = await Host.PostAsync("/hooks/row-1-8", """{"id":7,"lines":[{"price":2},{"price":3}]}""");
        var refused = await Host.PostAsync("/hooks/row-1-8", """{"lines":[]}""");

        Assert.Equal((200, """{"accepted":7}"""), (answer.Status, answer.Body));
        Assert.Equal(400, refused.Status);
        Assert.Equal(5, (await Host.EndOfAsync(answer)).Output("store").GetProperty("value").GetInt32());
        await Host.EndOfAsync(refused);
        Assert.Single(mark.Calls);
    }

    [Fact]
    public async Task Row_1_9_Who_answers_need_not_be_who_took_the_request()
    {
        await Host.PublishAsync("row-1-9", """
              - { key: pause, type: probe, config: { do: suspend, value: 1 } }
              - { key: answer, type: webhook_response, config: { body: "after a pause" } }
            """);

        // The run left the host's memory while it was suspended, and another walk of it answered.
        var answer = await Host.PostAsync("/hooks/row-1-9");

        Assert.Equal((200, "after a pause"), (answer.Status, answer.Body));
        var run = await Host.EndOfAsync(answer);
        Assert.Equal(["suspended", "succeeded", "succeeded"], run.Steps().Select(step => step.Status()));
        Assert.True(run.Output("pause").GetProperty("woken").GetBoolean());
    }

    [Fact]
    public async Task Row_2_1_The_node_s_type_is_webhook_response_in_the_category_Notifications_and_Messaging()
    {
        var node = (await Host.GetAsync("/api/nodes")).Json.EnumerateArray().Single(node => node.GetProperty("type").GetString() == "webhook_response");

        Assert.Equal("Notifications & Messaging", node.GetProperty("category").GetString());
    }

    [Fact]
    public async Task Row_2_2_Its_config_has_status_body_content_type_and_headers()
    {
        var node = (await Host.GetAsync("/api/nodes")).Json.EnumerateArray().Single(node => node.GetProperty("type").GetString() == "webhook_response");
        var fields = node.GetProperty("config_schema").GetProperty("properties");
        Assert.Equal(200, fields.GetProperty("status").GetProperty("default").GetInt32());
        Assert.True(fields.TryGetProperty("content_type", out _));
        Assert.True(fields.TryGetProperty("headers", out _));

        var empty = await AnswerAsync("row-2-2-empty", "status: 200");
        var variable = await AnswerAsync("row-2-2-variable", "body: \"{{ trigger.output.body }}\"", """{"any":["thing",1.50]}""");
        var typed = await AnswerAsync("row-2-2-typed", "body: <ok/>, content_type: application/xml");

        Assert.Equal("", empty.Body);
        Assert.Equal(("""{"any":["thing",1.50]}""", "application/json"), (variable.Body, variable.Header("Content-Type")));
        Assert.Equal(("<ok/>", "application/xml"), (typed.Body, typed.Header("Content-Type")));
    }

    [Fact]
    public async Task Row_2_3_Its_output_is_sent_and_status_for_later_steps_to_read()
    {
        await Host.PublishAsync("row-2-3", """
              - { key: ack, type: webhook_response, config: { status: 208 } }
              - { key: seen, type: set, config: { values: { sent: "{{ ack.output.sent }}", status: "{{ ack.output.status }}" } } }
            """);

        var run = await Host.EndOfAsync(await Host.PostAsync("/hooks/row-2-3"));

        Assert.Equal("""{"sent":true,"status":208}""", run.Output("seen").Compact());
    }

    [Fact]
    public async Task Row_2_4_Without_the_node_there_is_an_empty_202_at_once_while_the_run_goes_on()
    {
        using var mark = new Mark();
        await Host.PublishAsync("row-2-4", $"  - {{ key: work, type: probe, config: {Config("wait", mark)} }}");

        var answer = await Host.PostAsync("/hooks/row-2-4");

        Assert.Equal((202, ""), (answer.Status, answer.Body));
        Assert.Equal("running", (await Host.RunAsync(answer.RunId)).Status());
    }

    [Theory]
    [InlineData("5", "left")]
    [InlineData("50", "right")]
    public async Task Row_2_5_Only_the_branch_that_executes_replies(string amount, string expected)
    {
        await Host.PublishAsync("row-2-5", """
              - key: small
                type: logic_gate
                config: { conditions: [ { field: "{{ trigger.output.body.amount }}", operator: less_than, value: 10 } ] }
                branches:
                  true: [ { key: left, type: webhook_response, config: { body: left } } ]
                  false: [ { key: right, type: webhook_response, config: { body: right } } ]
            """);

        var answer = await Host.PostAsync("/hooks/row-2-5", $$"""{"amount":{{amount}}}""");

        Assert.Equal(expected, answer.Body);
        Assert.Equal(["small", expected], (await Host.EndOfAsync(answer)).Steps().Select(step => step.GetProperty("key").GetString()));
    }

    [Fact]
    public async Task Row_2_6_A_payment_is_checked_by_its_signature_answered_and_worked_on_without_keeping_the_provider_waiting()
    {
        using var mark = new Mark();
        await Host.PublishAsync("row-2-6", $$$"""
              - key: validate
                type: logic_gate
                config:
                  conditions:
                    - field: "{{ trigger.output.headers.x-signature }}"
                      operator: equals
                      value: "{{ hmac('sha256', secrets.payments_key, trigger.output.raw_body) }}"
                branches:
                  true: [ { key: ack, type: webhook_response, config: { status: 200, body: { received: true } } } ]
                  false:
                    - { key: refuse, type: webhook_response, config: { status: 401, body: { received: false } } }
                    - { key: end, type: stop }
              - { key: store, type: probe, config: { do: wait, mark: {{{mark.Name}}} } }
              - { key: mail, type: set, config: { values: { to: "{{ trigger.output.body.email }}" } } }
            """);
        const string body = """{"id":"evt_1","email":"ada@example.com"}""";
        var signature = Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData("whsec_example"u8, System.Text.Encoding.UTF8.GetBytes(body)));

        var answer = await SignedAsync(body, signature);
        var forged = await SignedAsync(body, new string('0', 64));

        Assert.Equal((200, """{"received":true}"""), (answer.Status, answer.Body));
        Assert.Equal((401, """{"received":false}"""), (forged.Status, forged.Body));
        await mark.EnteredAsync();
        mark.Open();
        Assert.Equal("ada@example.com", (await Host.EndOfAsync(answer)).Output("mail").GetProperty("to").GetString());
        Assert.Equal(["validate", "refuse", "end"], (await Host.EndOfAsync(forged)).Steps().Select(step => step.GetProperty("key").GetString()));
    }

    [Theory]
    [InlineData("{ a: [1, true, null] }", """{"a":[1,true,null]}""", "application/json")]
    [InlineData("[1, 2]", "[1,2]", "application/json")]
    [InlineData("1.50", "1.50", "application/json")]
    [InlineData("false", "false", "application/json")]
    [InlineData("'{ \"a\": 1 }'", """{ "a": 1 }""", "application/json")]
    [InlineData("'{ \"a\": }'", """{ "a": }""", "text/plain; charset=utf-8")]
    [InlineData("Grüße", "Grüße", "text/plain; charset=utf-8")]
    public async Task Where_they_differ_a_body_is_sent_by_what_it_is(string body, string sent, string type)
    {
        var answer = await AnswerAsync($"differ-{Guid.NewGuid():N}", $"body: {body}");

        Assert.Equal((sent, type), (answer.Body, answer.Header("Content-Type")));
    }

    [Fact]
    public async Task Where_they_differ_body_type_json_insists_on_json_and_says_where_it_is_not()
    {
        await Host.PublishAsync("differ-json", """  - { key: answer, type: webhook_response, config: { body: "{{ trigger.output.body.text }}", body_type: json } }""");

        var answer = await Host.PostAsync("/hooks/differ-json", """{"text":"{ \"a\": }"}""");

        answer.IsProblem(422, "unusable-request", hasRun: true);
        var error = (await Host.EndOfAsync(answer)).GetProperty("error");
        Assert.Equal("request", error.GetProperty("kind").GetString());
        Assert.Contains("BytePositionInLine: 7", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_they_differ_body_type_raw_never_parses_and_content_type_always_wins()
    {
        var raw = await AnswerAsync("differ-raw", "body: '{\"a\":1}', body_type: raw");
        var typed = await AnswerAsync("differ-typed", "body: { a: 1 }, content_type: application/vnd.made+json");

        Assert.Equal("text/plain; charset=utf-8", raw.Header("Content-Type"));
        Assert.Equal("application/vnd.made+json", typed.Header("Content-Type"));
    }

    [Fact]
    public async Task Where_they_differ_the_default_acknowledgement_is_the_empty_202()
    {
        await Host.PublishAsync("differ-ack", "  - { key: nothing, type: set, config: { values: {} } }");

        var answer = await Host.PostAsync("/hooks/differ-ack");

        Assert.Equal((202, "", null), (answer.Status, answer.Body, answer.Header("Content-Type")));
    }

    [Fact]
    public async Task Where_they_differ_whether_the_caller_waits_is_read_from_the_workflow()
    {
        using var mark = new Mark();
        var work = $"  - {{ key: work, type: probe, config: {Config("wait", mark)} }}";
        await Host.PublishAsync("differ-waits", $"{work}\n  - {{ key: answer, type: webhook_response }}");
        await Host.PublishAsync("differ-goes", work);

        var waits = Host.PostAsync("/hooks/differ-waits");
        Assert.Equal(202, (await Host.PostAsync("/hooks/differ-goes")).Status);

        await mark.EnteredAsync();
        Assert.False(waits.IsCompleted);
        mark.Open();
        Assert.Equal(200, (await waits).Status);
    }

    private static string Config(string what, Mark mark) => $"{{ do: {what}, mark: {mark.Name} }}";

    private async Task<Received> AnswerAsync(string name, string config, string body = "{}")
    {
        await Host.PublishAsync(name, $"  - {{ key: answer, type: webhook_response, config: {{ {config} }} }}");
        return await Host.PostAsync($"/hooks/{name}", body);
    }

    private async Task<Received> SignedAsync(string body, string signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hooks/row-2-6") { Content = new StringContent(body, null, "application/json") };
        request.Headers.Add("X-Signature", signature);
        return await Host.SendAsync(request);
    }
}
