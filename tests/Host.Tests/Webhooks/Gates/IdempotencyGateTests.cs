using System.Text;
using System.Text.Json;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Tests.Webhooks.Gates;

/// <summary>Repeated deliveries over real HTTP: one test for each row of the table in docs/reference/idempotency.md.</summary>
public sealed class IdempotencyGateTests(SharedHost shared)
{
    private const string Reply =
        "  - { key: answer, type: webhook_response, config: { status: 201, headers: { X-Run: \"{{ run.id }}\" }, body: { at: \"{{ now() }}\" } } }";

    private TestHost Host => shared.Host;

    [Theory]
    [InlineData("again-quoted", "Idempotency-Key", "\"one\"")]
    [InlineData("again-bare", "Idempotency-Key", "0198c2f4-one:two")]
    [InlineData("again-standard", "webhook-id", "msg_one")]
    public async Task The_same_key_again_gets_the_same_reply_byte_for_byte_and_starts_no_run(string name, string header, string key)
    {
        await Host.PublishAsync(name, Reply);

        var first = await PostAsync(name, header, key);
        var second = await PostAsync(name, header, key);

        Assert.Equal(201, first.Status);
        AssertReplayed(first, second);
        Assert.Equal(first.RunId, second.Header("X-Run"));
        Assert.Equal(1, await Host.CountRunsAsync(name));
    }

    [Fact]
    public async Task Fifty_at_once_under_one_key_become_one_run_and_all_get_its_reply()
    {
        await Host.PublishAsync("fifty", Reply);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => PostAsync("fifty", "Idempotency-Key", "\"k\""))));

        Assert.Equal(1, await Host.CountRunsAsync("fifty"));
        var first = Assert.Single(answers, answer => answer.Header(AnswerWriter.ReplayedHeader) is null);
        Assert.All(answers.Where(answer => answer != first), answer => AssertReplayed(first, answer));
    }

    [Fact]
    public async Task A_reply_that_held_a_secret_is_given_once_only()
    {
        await Host.PublishAsync("secretive", "  - { key: answer, type: webhook_response, config: { body: \"{{ secrets.token }}\" } }");

        Assert.Equal("hush-hush-9000", (await PostAsync("secretive", "Idempotency-Key", "\"k\"")).Body);

        (await PostAsync("secretive", "Idempotency-Key", "\"k\"")).IsProblem(500, "reply-not-kept", hasRun: true);
    }

    [Fact]
    public async Task A_repeat_that_comes_while_the_first_runs_waits_with_it()
    {
        using var mark = new Mark();
        await Host.PublishAsync("together", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}\n{Reply}");
        var first = PostAsync("together", "Idempotency-Key", "\"k\"");
        await mark.EnteredAsync();

        var second = PostAsync("together", "Idempotency-Key", "\"k\"");
        (await PostAsync("together", "Idempotency-Key", "\"k\"", """{"other":1}""")).IsProblem(422, "idempotency-key-reused", hasRun: false);
        Assert.False(second.IsCompleted);
        mark.Open();

        AssertReplayed(await first, await second);
        Assert.Single(mark.Calls);
    }

    [Theory]
    [InlineData("/hooks/payload", """{"amount":2}""")]
    [InlineData("/hooks/payload", """{"amount": 1}""")]
    [InlineData("/hooks/payload?dry_run=true", """{"amount":1}""")]
    public async Task Another_payload_or_target_under_the_key_is_422_and_starts_no_run(string target, string body)
    {
        await Host.PublishAsync("payload", Reply);
        var key = $"\"{Guid.NewGuid()}\"";
        await PostAsync("payload", "Idempotency-Key", key, """{"amount":1}""");
        var before = await Host.CountRunsAsync("payload");

        var answer = await SendAsync(target, body, ("Idempotency-Key", key));

        answer.IsProblem(422, "idempotency-key-reused", hasRun: false);
        Assert.Null(answer.Header(AnswerWriter.ReplayedHeader));
        Assert.Equal(before, await Host.CountRunsAsync("payload"));
    }

    [Theory]
    [InlineData("one two")]
    [InlineData("one, two")]
    [InlineData("one;a=1")]
    [InlineData("\"\"")]
    [InlineData("\"open")]
    [InlineData("\"a\", \"b\"")]
    public async Task A_malformed_idempotency_key_is_400_and_starts_no_run(string key)
    {
        await Host.PublishAsync("malformed", Reply);

        (await PostAsync("malformed", "Idempotency-Key", key)).IsProblem(400, "bad-idempotency-key", hasRun: false);
        Assert.Equal(0, await Host.CountRunsAsync("malformed"));
    }

    [Fact]
    public async Task A_key_without_quotes_is_400_where_the_trigger_asks_for_the_draft_s_form()
    {
        await Host.PublishAsync("strict-key", Reply, "idempotency: { key: idempotency_key, required: true }");

        (await PostAsync("strict-key", "Idempotency-Key", "one")).IsProblem(400, "bad-idempotency-key", hasRun: false);
        (await PostAsync("strict-key", "webhook-id", "one")).IsProblem(400, "idempotency-key-missing", hasRun: false);
        Assert.Equal(201, (await PostAsync("strict-key", "Idempotency-Key", "\"one\"")).Status);
    }

    [Fact]
    public async Task The_acknowledgement_that_the_trigger_sets_is_the_same_for_repeats()
    {
        await Host.PublishAsync("own-ack-again", "  - { key: a, type: set, config: { values: { x: 1 } } }",
            """acknowledge: { status: 203, headers: { X-A: [a, b] }, body: { at: "{{ now() }}", try: "{{ trigger.output.headers.x-try }}" } }""");

        var first = await SendAsync("/hooks/own-ack-again", "{}", ("webhook-id", "m"), ("X-Try", "1"));
        var second = await SendAsync("/hooks/own-ack-again", "{}", ("webhook-id", "m"), ("X-Try", "2"));

        Assert.Equal(203, first.Status);
        AssertReplayed(first, second);
    }

    [Fact]
    public async Task A_caller_who_hangs_up_does_not_cancel_a_run_that_a_repeat_may_ask_for()
    {
        using var mark = new Mark();
        await Host.PublishAsync("cancelling", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}\n{Reply}", "on_disconnect: cancel");
        using (var hangUp = new CancellationTokenSource())
        {
            var first = Host.Http.SendAsync(Request("/hooks/cancelling", "{}", ("Idempotency-Key", "k")), hangUp.Token);
            await mark.EnteredAsync();
            await hangUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        }

        mark.Open();
        Assert.Equal(201, (await PostAsync("cancelling", "Idempotency-Key", "k")).Status);
    }

    [Fact]
    public async Task Requests_without_a_key_are_never_taken_for_repeats_however_equal_they_are()
    {
        await Host.PublishAsync("keyless", Reply);

        var answers = new[] { await Host.PostAsync("/hooks/keyless"), await Host.PostAsync("/hooks/keyless") };

        Assert.Distinct(answers.Select(answer => answer.RunId));
        Assert.All(answers, answer => Assert.Null(answer.Header(AnswerWriter.ReplayedHeader)));
    }

    [Fact]
    public async Task A_key_that_the_trigger_requires_and_is_missing_is_400()
    {
        await Host.PublishAsync("required", Reply, "idempotency: { required: true }");

        var answer = await Host.PostAsync("/hooks/required");

        answer.IsProblem(400, "idempotency-key-missing", hasRun: false);
        Assert.Contains("the header Idempotency-Key, or the header webhook-id", answer.Body, StringComparison.Ordinal);
        Assert.Equal(201, (await PostAsync("required", "webhook-id", "m")).Status);
    }

    [Theory]
    [InlineData("github", "X-GitHub-Delivery")]
    [InlineData("shopify", "X-Shopify-Webhook-Id")]
    [InlineData("twilio", "I-Twilio-Idempotency-Token")]
    [InlineData("standard_webhooks", "webhook-id")]
    public async Task A_provider_s_own_header_is_the_key_where_the_trigger_names_the_provider(string provider, string header)
    {
        var name = $"from-{provider}";
        await Host.PublishAsync(name, Reply, $"idempotency: {provider}");

        AssertReplayed(await PostAsync(name, header, "72d3162e"), await PostAsync(name, header, "72d3162e"));
        Assert.NotEqual((await PostAsync(name, "Idempotency-Key", "\"72d3162e\"")).RunId, (await PostAsync(name, "Idempotency-Key", "\"72d3162e\"")).RunId);
    }

    [Theory]
    [InlineData("stripe", """{"id":"evt_1","pending_webhooks":2}""", """{"id":"evt_1","pending_webhooks":1}""")]
    [InlineData("slack", """{"event_id":"Ev1","event":{}}""", """{"event_id":"Ev1","event":{}}""")]
    public async Task A_provider_s_own_id_in_the_body_is_the_key_where_the_trigger_names_the_provider(string provider, string body, string again)
    {
        var name = $"from-{provider}";
        await Host.PublishAsync(name, Reply, $"idempotency: {provider}");

        AssertReplayed(await Host.PostAsync($"/hooks/{name}", body), await Host.PostAsync($"/hooks/{name}", again));
        Assert.Equal(1, await Host.CountRunsAsync(name));
    }

    [Theory]
    [InlineData("""idempotency: "{{ trigger.output.body.order }}" """, """{"order":7}""", """{"order":8}""")]
    [InlineData("""idempotency: { key: "{{ trigger.output.body.shop }}/{{ trigger.output.body.order }}" }""", """{"shop":"a","order":7}""", """{"shop":"b","order":7}""")]
    public async Task An_expression_of_the_trigger_gives_the_key(string trigger, string body, string other)
    {
        var name = $"expression-{(uint)trigger.GetHashCode(StringComparison.Ordinal)}";
        await Host.PublishAsync(name, Reply, trigger);

        AssertReplayed(await Host.PostAsync($"/hooks/{name}", body), await Host.PostAsync($"/hooks/{name}", body));
        Assert.Null((await Host.PostAsync($"/hooks/{name}", other)).Header(AnswerWriter.ReplayedHeader));
    }

    [Fact]
    public async Task An_expression_that_gives_null_or_nothing_gives_no_key()
    {
        await Host.PublishAsync("no-value", Reply, """idempotency: "{{ trigger.output.body.order }}" """);

        Assert.Distinct(new[] { await Host.PostAsync("/hooks/no-value"), await Host.PostAsync("/hooks/no-value"), await Host.PostAsync("/hooks/no-value", """{"order":""}""") }
            .Select(answer => answer.RunId));
    }

    [Fact]
    public async Task An_expression_that_fails_is_a_problem_and_no_run()
    {
        await Host.PublishAsync("broken-key", Reply, """idempotency: "{{ trigger.output.body.list.map(x => x) }}" """);

        (await Host.PostAsync("/hooks/broken-key")).IsProblem(500, "idempotency-key-failed", hasRun: false);
        Assert.Equal(0, await Host.CountRunsAsync("broken-key"));
    }

    [Fact]
    public async Task Payloads_that_differ_count_as_the_same_where_the_trigger_says_so()
    {
        await Host.PublishAsync("differing", Reply, """idempotency: { key: "{{ trigger.output.body.id }}", same_payload: false }""");

        AssertReplayed(await Host.PostAsync("/hooks/differing", """{"id":1,"try":1}"""), await Host.PostAsync("/hooks/differing", """{"id":1,"try":2}"""));
    }

    [Fact]
    public async Task Where_the_trigger_says_false_nothing_is_a_repeat()
    {
        await Host.PublishAsync("off", Reply, "idempotency: false");

        Assert.NotEqual((await PostAsync("off", "Idempotency-Key", "bare")).RunId, (await PostAsync("off", "Idempotency-Key", "bare")).RunId);
    }

    [Fact]
    public async Task A_key_counts_for_its_workflow_alone()
    {
        await Host.PublishAsync("key-here", Reply);
        await Host.PublishAsync("key-there", Reply);

        Assert.NotEqual((await PostAsync("key-here", "Idempotency-Key", "\"k\"")).RunId, (await PostAsync("key-there", "Idempotency-Key", "\"k\"")).RunId);
    }

    [Fact]
    public async Task A_workflow_without_a_replying_node_acknowledges_a_repeat_at_once()
    {
        using var mark = new Mark();
        await Host.PublishAsync("ack-again", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}");

        var first = await PostAsync("ack-again", "Idempotency-Key", "\"k\"");
        var second = await PostAsync("ack-again", "Idempotency-Key", "\"k\"");

        Assert.Equal((202, ""), (first.Status, first.Body));
        AssertReplayed(first, second);
    }

    [Fact]
    public async Task A_run_that_failed_for_good_gives_its_repeats_the_same_500()
    {
        await Host.PublishAsync("failed-again", $"  - {{ key: work, type: probe, config: {{ do: fail }} }}\n{Reply}");

        var first = await PostAsync("failed-again", "Idempotency-Key", "\"k\"");
        var second = await PostAsync("failed-again", "Idempotency-Key", "\"k\"");

        first.IsProblem(500, "run-failed", hasRun: true);
        AssertReplayed(first, second);
    }

    [Fact]
    public async Task A_run_that_an_operator_retried_gives_its_repeats_what_it_came_to_then()
    {
        using var mark = new Mark();
        await Host.PublishAsync("mended", $"  - {{ key: work, type: probe, config: {{ do: fail_until_open, mark: {mark.Name} }} }}\n{Reply}");
        var first = await PostAsync("mended", "Idempotency-Key", "\"k\"");
        first.IsProblem(500, "run-failed", hasRun: true);
        mark.Open();

        Assert.Equal(200, (await Host.SendAsync(HttpMethod.Post, $"/api/runs/{first.RunId}/retry")).Status);
        var run = await Host.WhenAsync(first.RunId, run => run.Status() == "succeeded");

        var second = await PostAsync("mended", "Idempotency-Key", "\"k\"");
        Assert.Equal((201, first.RunId), (second.Status, second.RunId));
        Assert.Equal(JsonValueKind.Null, run.GetProperty("reply").GetProperty("sent_at").ValueKind);
    }

    [Fact]
    public async Task A_deadline_that_passed_is_no_answer_to_keep_and_the_repeat_waits_again()
    {
        using var mark = new Mark();
        await Host.PublishAsync("late", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}\n{Reply}", "deadline: 300ms");

        var first = await PostAsync("late", "Idempotency-Key", "\"k\"");
        var second = await PostAsync("late", "Idempotency-Key", "\"k\"");
        mark.Open();
        var run = await Host.EndOfAsync(first);
        var third = await PostAsync("late", "Idempotency-Key", "\"k\"");

        first.IsProblem(504, "deadline-passed", hasRun: true);
        AssertReplayed(first, second);
        Assert.Equal((201, first.RunId), (third.Status, third.RunId));
        Assert.False(run.Output("answer").GetProperty("sent").GetBoolean());
        Assert.Single(mark.Calls);
    }

    [Fact]
    public async Task A_caller_who_hung_up_gets_the_reply_when_it_sends_again()
    {
        using var mark = new Mark();
        await Host.PublishAsync("gone", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}\n{Reply}");
        using (var hangUp = new CancellationTokenSource())
        {
            var first = Host.Http.SendAsync(Request("/hooks/gone", "{}", ("Idempotency-Key", "\"k\"")), hangUp.Token);
            await mark.EnteredAsync();
            await hangUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        }

        mark.Open();
        var again = await PostAsync("gone", "Idempotency-Key", "\"k\"");

        Assert.Equal((201, "true"), (again.Status, again.Header(AnswerWriter.ReplayedHeader)));
        Assert.Single(mark.Calls);
    }

    [Fact]
    public async Task A_reply_with_status_headers_cookies_and_bytes_comes_again_as_it_was()
    {
        await Host.PublishAsync("rich", """
              - key: answer
                type: webhook_response
                config:
                  status: 418
                  headers: { Set-Cookie: "a=1; Path=/", X-Quoted: "a, \"b\"", Content-Type: "text/plain; charset=utf-8" }
                  body: "grün"
            """);

        AssertReplayed(await PostAsync("rich", "webhook-id", "m"), await PostAsync("rich", "webhook-id", "m"));
    }

    private Task<Received> PostAsync(string name, string header, string key, string body = "{}") => SendAsync($"/hooks/{name}", body, (header, key));

    private async Task<Received> SendAsync(string target, string body, params (string Name, string Value)[] headers)
    {
        using var request = Request(target, body, headers);
        return await Host.SendAsync(request);
    }

    private static HttpRequestMessage Request(string target, string body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        return request;
    }

    // The same status, headers and bytes, but for what says that it is a repeat and when it was sent.
    private static void AssertReplayed(Received first, Received again)
    {
        Assert.Equal("true", again.Header(AnswerWriter.ReplayedHeader));
        Assert.Equal((first.Status, first.Body), (again.Status, again.Body));
        Assert.NotNull(first.RunId);
        Assert.Equal(Headers(first), Headers(again));

        static IEnumerable<string> Headers(Received answer) => answer.Headers
            .Where(header => header.Key is not (AnswerWriter.ReplayedHeader or "Date"))
            .Select(header => $"{header.Key}: {header.Value}")
            .Order(StringComparer.Ordinal);
    }
}
