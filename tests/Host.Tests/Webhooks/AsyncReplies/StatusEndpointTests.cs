using System.Text;
using Microsoft.Data.Sqlite;
using Sluice.Engine.Execution;
using Sluice.Host.Webhooks;
using Sluice.Host.Webhooks.AsyncReplies;

namespace Sluice.Host.Tests.Webhooks.AsyncReplies;

/// <summary><c>Prefer</c> and the status resource over real HTTP: one test for each row of the table in docs/reference/async-replies.md.</summary>
public sealed class StatusEndpointTests : IAsyncLifetime
{
    private const string Reply = "  - { key: answer, type: webhook_response, config: { status: 201, headers: { X-Kind: made, Cache-Control: max-age=5 }, body: { ok: true } } }";

    private readonly TestFolder _folder = new();
    private readonly Mark _mark = new();
    private TestHost _host = null!;

    private string Waits => $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {_mark.Name} }} }}";

    public async ValueTask InitializeAsync() => _host = await TestHost.StartAsync(_folder);

    public async ValueTask DisposeAsync()
    {
        _mark.Dispose();
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Respond_async_is_answered_202_at_once_and_the_status_has_the_reply_once_it_is_made()
    {
        await _host.PublishAsync("async", $"{Waits}\n{Reply}");

        var accepted = await PostAsync("async", "respond-async");

        AssertDeferred(accepted, "respond-async");
        AssertPending(await StatusAsync(accepted), accepted.RunId, "running");
        _mark.Open();
        var run = await _host.EndOfAsync(accepted);
        AssertReply(await StatusAsync(accepted));
        Assert.False(run.Output("answer").GetProperty("sent").GetBoolean());
        Assert.Empty(run.Warnings());
    }

    [Fact]
    public async Task Respond_async_never_waits_even_where_the_reply_would_come_at_once()
    {
        await _host.PublishAsync("quick", Reply);

        var accepted = await PostAsync("quick", "respond-async");

        AssertDeferred(accepted, "respond-async");
        await _host.EndOfAsync(accepted);
        AssertReply(await StatusAsync(accepted));
    }

    [Theory]
    [InlineData("wait=60")]
    [InlineData("respond-async, wait=60")]
    public async Task A_reply_that_comes_within_the_wait_is_the_answer(string prefer)
    {
        await _host.PublishAsync("soon", Reply);

        var answer = await PostAsync("soon", prefer);

        Assert.Equal((201, "made", """{"ok":true}"""), (answer.Status, answer.Header("X-Kind"), answer.Body));
        Assert.Equal((null, null), (answer.Header("Preference-Applied"), answer.Header("Location")));
    }

    [Theory]
    [InlineData("wait=1", "wait=1")]
    [InlineData("respond-async, wait=1", "respond-async, wait=1")]
    [InlineData("wait=0", "wait=0")]
    public async Task A_reply_that_does_not_come_within_the_wait_is_to_be_had_at_the_status(string prefer, string applied)
    {
        await _host.PublishAsync("slow", $"{Waits}\n{Reply}");

        var accepted = await PostAsync("slow", prefer);

        AssertDeferred(accepted, applied);
        _mark.Open();
        await _host.EndOfAsync(accepted);
        AssertReply(await StatusAsync(accepted));
    }

    [Fact]
    public async Task A_wait_that_is_longer_than_the_deadline_ends_with_it()
    {
        await _host.PublishAsync("capped", $"{Waits}\n{Reply}", "deadline: 200ms");

        AssertDeferred(await PostAsync("capped", "wait=3000"), "wait=1");
    }

    [Theory]
    [InlineData("wait=soon")]
    [InlineData("respond-async=maybe")]
    [InlineData("return=minimal")]
    [InlineData("\"")]
    public async Task A_malformed_or_other_preference_changes_nothing(string prefer)
    {
        await _host.PublishAsync("plain", Reply);

        var answer = await PostAsync("plain", prefer);

        Assert.Equal((201, null), (answer.Status, answer.Header("Preference-Applied")));
    }

    [Fact]
    public async Task A_workflow_without_a_replying_node_has_a_status_too()
    {
        await _host.PublishAsync("silent", Waits);

        var accepted = await PostAsync("silent", "respond-async");

        AssertDeferred(accepted, "respond-async");
        AssertPending(await StatusAsync(accepted), accepted.RunId, "running");
        _mark.Open();
        await _host.EndOfAsync(accepted);
        var final = await StatusAsync(accepted);
        Assert.Equal((202, "", "final"), (final.Status, final.Body, final.Header(StatusLinks.AnswerHeader)));
    }

    [Fact]
    public async Task The_status_of_a_run_that_replied_nothing_has_the_acknowledgement_that_the_trigger_sets()
    {
        await _host.PublishAsync("own-ack", $"  - {{ key: work, type: probe, config: {{ do: pass }} }}", """acknowledge: { status: 203, body: "{{ trigger.output.body }}" }""");

        var accepted = await PostAsync("own-ack", "respond-async");
        await _host.EndOfAsync(accepted);

        var final = await StatusAsync(accepted);
        Assert.Equal((203, "{}", "final"), (final.Status, final.Body, final.Header(StatusLinks.AnswerHeader)));
    }

    [Fact]
    public async Task The_status_of_a_run_that_failed_is_its_500_problem()
    {
        await _host.PublishAsync("failing", $"  - {{ key: work, type: probe, config: {{ do: fail }} }}\n{Reply}");

        var accepted = await PostAsync("failing", "respond-async");
        await _host.EndOfAsync(accepted);

        var final = await StatusAsync(accepted);
        final.IsProblem(500, "run-failed", hasRun: true);
        Assert.Equal("final", final.Header(StatusLinks.AnswerHeader));
    }

    [Fact]
    public async Task The_status_of_a_run_that_was_cancelled_is_its_500_problem()
    {
        await _host.PublishAsync("cancelled", $"{Waits}\n{Reply}");
        var accepted = await PostAsync("cancelled", "respond-async");

        await _host.CancelAsync(Guid.Parse(accepted.RunId!));
        await _host.EndOfAsync(accepted);

        (await StatusAsync(accepted)).IsProblem(500, "run-cancelled", hasRun: true);
    }

    [Fact]
    public async Task The_status_of_a_run_that_goes_on_after_its_reply_is_the_reply()
    {
        await _host.PublishAsync("going-on", $"{Reply}\n{Waits}");
        var accepted = await PostAsync("going-on", "respond-async");
        await _mark.EnteredAsync();

        AssertReply(await StatusAsync(accepted));
        Assert.Equal("running", (await _host.RunAsync(accepted.RunId)).Status());
    }

    [Fact]
    public async Task After_a_restart_the_same_address_has_the_answer_of_the_run_that_went_on()
    {
        await _host.PublishAsync("restarted", $"{Waits}\n{Reply}");
        var accepted = await PostAsync("restarted", "respond-async");
        await _mark.EnteredAsync();
        await _host.DisposeAsync();
        _mark.Open();

        _host = await TestHost.StartAsync(_folder);

        await _host.EndOfAsync(accepted);
        AssertReply(await StatusAsync(accepted));
    }

    [Fact]
    public async Task Who_asks_with_a_wait_is_answered_when_the_reply_is_made()
    {
        await _host.PublishAsync("polled", $"{Waits}\n{Reply}");
        var accepted = await PostAsync("polled", "respond-async");
        await _mark.EnteredAsync();

        var asking = StatusAsync(accepted, prefer: "wait=60");
        while (_host.Get<Runner>().Watch.Count == 0)
        {
            await Task.Yield();
        }

        Assert.False(asking.IsCompleted);
        _mark.Open();
        AssertReply(await asking);
    }

    [Fact]
    public async Task A_journal_that_cannot_be_read_is_503_and_the_reply_is_there_once_it_can()
    {
        await _host.PublishAsync("unreadable", Reply);
        var accepted = await PostAsync("unreadable", "respond-async");
        await _host.EndOfAsync(accepted);

        ChangeJournal("alter table run rename to away");
        var refused = await StatusAsync(accepted);
        ChangeJournal("alter table away rename to run");

        refused.IsProblem(503, "not-readable", hasRun: false);
        Assert.Equal("5", refused.Header("Retry-After"));
        AssertReply(await StatusAsync(accepted));
    }

    [Fact]
    public async Task A_head_request_gets_the_headers_alone()
    {
        await _host.PublishAsync("headed", Reply);
        var accepted = await PostAsync("headed", "respond-async");
        await _host.EndOfAsync(accepted);

        var head = await _host.SendAsync(HttpMethod.Head, accepted.Header("Location")!);

        Assert.Equal((201, "", "11", "final"), (head.Status, head.Body, head.Header("Content-Length"), head.Header(StatusLinks.AnswerHeader)));
    }

    [Fact]
    public async Task Another_method_is_405()
    {
        await _host.PublishAsync("methods", Reply);
        var accepted = await PostAsync("methods", "respond-async");

        var answer = await _host.SendAsync(HttpMethod.Delete, accepted.Header("Location")!);

        answer.IsProblem(405, "method-not-allowed", hasRun: false);
        Assert.Equal("GET, HEAD", answer.Header("Allow"));
    }

    [Fact]
    public async Task Whatever_is_wrong_with_the_address_is_the_same_404()
    {
        await _host.PublishAsync("guarded", Reply);
        var (mine, other) = (await PostAsync("guarded", "respond-async"), await PostAsync("guarded", "respond-async"));
        var location = mine.Header("Location")!;
        var token = location[(location.IndexOf('=', StringComparison.Ordinal) + 1)..];

        string[] wrong =
        [
            "/runs", "/runs/", "/runs/x", $"/runs/{mine.RunId}", $"/runs/{mine.RunId}?token=", $"/runs/{mine.RunId}?token={token[..^1]}",
            $"/runs/{mine.RunId}?token={token}A", $"/runs/{mine.RunId}?token={token}&token={token}", $"/runs/{other.RunId}?token={token}",
            $"/runs/{mine.RunId}?token={(token[0] == 'A' ? 'B' : 'A')}{token[1..]}", $"/runs/{mine.RunId}/more?token={token}", $"/runs/{Guid.CreateVersion7()}?token={token}",
            $"/runs/{mine.RunId}?token={new string('%', 43)}", $"/RUNS/{mine.RunId}?token={token}", $"/runs/{mine.RunId!.ToUpperInvariant()}?Token2={token}",
        ];
        foreach (var address in wrong)
        {
            Assert.True((await _host.GetAsync(address)).Status == 404, address);
        }

        (await _host.GetAsync($"/runs/{other.RunId}?token={token}")).IsProblem(404, "no-status", hasRun: false);
        Assert.Equal(404, (await _host.SendAsync(HttpMethod.Post, $"/runs/{mine.RunId}?token=x")).Status);
    }

    [Fact]
    public async Task A_repeat_with_a_preference_is_sent_to_the_status_of_the_first()
    {
        await _host.PublishAsync("both", $"{Waits}\n{Reply}");
        var first = await PostAsync("both", "respond-async", "\"k\"");

        var second = await PostAsync("both", "respond-async", "\"k\"");
        var third = await PostAsync("both", "wait=1", "\"k\"");
        _mark.Open();
        var fourth = await PostAsync("both", null, "\"k\"");

        AssertDeferred(second, "respond-async");
        AssertDeferred(third, "wait=1");
        Assert.Equal((first.Header("Location"), first.Body), (second.Header("Location"), second.Body));
        Assert.Equal([null, "true", "true", "true"], new[] { first, second, third, fourth }.Select(answer => answer.Header(AnswerWriter.ReplayedHeader)));
        Assert.Equal((201, """{"ok":true}""", first.RunId), (fourth.Status, fourth.Body, fourth.RunId));
        Assert.Single(_mark.Calls);
    }

    private async Task<Received> PostAsync(string name, string? prefer, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/{name}") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        foreach (var (header, value) in new[] { ("Prefer", prefer), ("Idempotency-Key", key) })
        {
            if (value is not null)
            {
                Assert.True(request.Headers.TryAddWithoutValidation(header, value));
            }
        }

        return await _host.SendAsync(request);
    }

    private void ChangeJournal(string sql)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(_folder.Data, "sluice.db"), Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private async Task<Received> StatusAsync(Received accepted, string? prefer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, accepted.Header("Location"));
        if (prefer is not null)
        {
            request.Headers.TryAddWithoutValidation("Prefer", prefer);
        }

        return await _host.SendAsync(request);
    }

    private static void AssertDeferred(Received answer, string applied)
    {
        Assert.Equal(applied, answer.Header("Preference-Applied"));
        AssertPending(answer, answer.RunId, "running");
    }

    private static void AssertPending(Received answer, string? run, string status)
    {
        Assert.Equal(202, answer.Status);
        Assert.NotNull(run);
        Assert.Equal((run, "pending", "1", "no-store"), (answer.RunId, answer.Header(StatusLinks.AnswerHeader), answer.Header("Retry-After"), answer.Header("Cache-Control")));
        Assert.StartsWith($"/runs/{run}?token=", answer.Header("Location"), StringComparison.Ordinal);
        Assert.Equal((run, status, answer.Header("Location")), (answer.Json.Text("run_id"), answer.Json.Text("status"), answer.Json.Text("location")));
    }

    private static void AssertReply(Received answer)
    {
        Assert.Equal((201, """{"ok":true}""", "made", "application/json"), (answer.Status, answer.Body, answer.Header("X-Kind"), answer.Header("Content-Type")));
        Assert.Equal(("final", "max-age=5"), (answer.Header(StatusLinks.AnswerHeader), answer.Header("Cache-Control")));
        Assert.Equal((null, null), (answer.Header("Retry-After"), answer.Header("Location")));
    }
}
