using System.IO.Compression;
using System.Text;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Host.Webhooks.Bodies;

namespace Sluice.Host.Tests.Webhooks;

/// <summary>More than the host can take: what waits, what is refused, and that nothing ever stands still.</summary>
public sealed class OverloadTests : IAsyncDisposable
{
    private readonly TestFolder _folder = new();

    [Theory]
    [InlineData("[")]
    [InlineData("[],")]
    [InlineData(" ")]
    public async Task Large_bodies_that_are_refused_keep_no_other_waiting(string piece)
    {
        await using var host = await StartAsync();
        await host.PublishAsync("answers", "  - { key: answer, type: webhook_response, config: { status: 200 } }");
        var refused = string.Concat(Enumerable.Repeat(piece, 3_000_000 / piece.Length));
        for (var count = 0; count < Environment.ProcessorCount; count++)
        {
            Assert.Equal(400, (await host.PostAsync("/hooks/answers", refused)).Status);
        }

        var taken = await host.PostAsync("/hooks/answers", $"\"{new string('x', 3_000_000)}\"").WaitAsync(TestHost.Patience, TestContext.Current.CancellationToken);

        Assert.Equal(200, taken.Status);
        Assert.Equal(200, (await host.PostAsync("/hooks/answers", $"\"{new string('x', 3_000_000)}\"")).Status);
    }

    [Fact]
    public async Task With_every_place_taken_a_run_that_nobody_awaits_is_acknowledged_and_waits_in_the_journal()
    {
        using var mark = new Mark();
        await using var host = await StartAsync(("Runs:Max", "2"));
        await host.PublishAsync("work", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}");
        await TakeEveryPlaceAsync(host, 2);

        var answer = await host.PostAsync("/hooks/work");

        Assert.Equal(202, answer.Status);
        Assert.Equal("queued", (await host.RunAsync(answer.RunId)).GetProperty("status").GetString());
        Assert.False(host.Get<Runner>().IsActive(IdOf(answer)));
        Assert.Equal(1, host.Get<Runner>().Backlog.Count);
        mark.Open();
        Assert.Equal("succeeded", (await host.EndOfAsync(answer)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Runs_that_wait_are_taken_up_until_none_waits()
    {
        using var mark = new Mark();
        await using var host = await StartAsync(("Runs:Max", "1"));
        await host.PublishAsync("work", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}");
        await TakeEveryPlaceAsync(host, 1);
        var answers = new List<Received>();
        for (var run = 0; run < 20; run++)
        {
            answers.Add(await host.PostAsync("/hooks/work"));
        }

        mark.Open();

        foreach (var answer in answers)
        {
            Assert.Equal("succeeded", (await host.EndOfAsync(answer)).GetProperty("status").GetString());
        }
    }

    [Fact]
    public async Task With_every_place_taken_a_caller_who_would_wait_for_a_reply_is_told_to_come_again()
    {
        using var mark = new Mark();
        await using var host = await StartAsync(("Runs:Max", "1"));
        await host.PublishAsync("work", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}");
        await host.PublishAsync("answers", "  - { key: answer, type: webhook_response, config: { status: 200 } }");
        await TakeEveryPlaceAsync(host, 1);

        var refused = await host.PostAsync("/hooks/answers");

        refused.IsProblem(503, "too-many-runs", hasRun: false);
        Assert.Equal("1", refused.Header("Retry-After"));
        Assert.Equal(0, await host.CountRunsAsync("answers"));
    }

    [Fact]
    public async Task Beyond_the_runs_that_may_wait_the_next_is_told_to_come_again()
    {
        using var mark = new Mark();
        await using var host = await StartAsync(("Runs:Max", "1"), ("Runs:MaxQueued", "0"));
        await host.PublishAsync("work", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}");
        await TakeEveryPlaceAsync(host, 1);

        (await host.PostAsync("/hooks/work")).IsProblem(503, "too-many-runs", hasRun: false);
    }

    [Fact]
    public async Task A_run_that_waits_can_be_cancelled()
    {
        using var mark = new Mark();
        await using var host = await StartAsync(("Runs:Max", "1"), ("Runs:MaxQueued", "1"));
        await host.PublishAsync("work", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}");
        await TakeEveryPlaceAsync(host, 1);
        var answer = await host.PostAsync("/hooks/work");

        Assert.Null(await host.CancelAsync(Guid.Parse(answer.RunId!)));

        Assert.Equal("cancelled", (await host.RunAsync(answer.RunId)).GetProperty("status").GetString());
        Assert.Equal(202, (await host.PostAsync("/hooks/work")).Status);
    }

    [Fact]
    public async Task A_run_that_waits_when_the_host_stops_is_done_after_the_next_start()
    {
        using var mark = new Mark();
        Received answer;
        await using (var host = await StartAsync(("Runs:Max", "1"), ("ShutdownGraceSeconds", "0")))
        {
            await host.PublishAsync("work", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}");
            await TakeEveryPlaceAsync(host, 1);
            answer = await host.PostAsync("/hooks/work");
            Assert.Equal("queued", (await host.RunAsync(answer.RunId)).GetProperty("status").GetString());
        }

        mark.Open();
        await using var next = await StartAsync();
        Assert.Equal("succeeded", (await next.EndOfAsync(answer)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Nodes_that_block_every_thread_of_the_pool_keep_nobody_from_being_acknowledged()
    {
        using var mark = new Mark();
        await using var host = await StartAsync();
        await host.PublishAsync("block", $"  - {{ key: work, type: probe, config: {{ do: block, mark: {mark.Name} }} }}");
        var runs = Math.Max(32, 4 * Environment.ProcessorCount);
        for (var run = 0; run < runs; run++)
        {
            Assert.Equal(202, (await host.PostAsync("/hooks/block")).Status);
        }

        Assert.Equal(runs, host.Get<Runner>().ActiveCount);
    }

    [Fact]
    public async Task A_workflow_that_calls_itself_and_waits_for_itself_comes_to_an_end()
    {
        await using var host = await StartAsync(("Runs:Max", "5"), ("Http:AllowPrivate", "true"));
        await host.PublishAsync("again", $$"""
              - { key: call, type: http, config: { method: POST, url: "{{host.Address}}/hooks/again", expect_status: ["2xx", 503] } }
              - { key: answer, type: webhook_response, config: { status: 200 } }
            """);

        var answer = await host.PostAsync("/hooks/again");

        Assert.Equal(200, answer.Status);
        Assert.Equal(5, await host.CountRunsAsync("again"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Beyond_the_memory_that_bodies_may_take_a_large_one_is_told_to_come_again_until_the_runs_let_go_of_theirs(bool isChunked)
    {
        using var mark = new Mark();
        await using var host = await StartAsync(("Webhooks:MaxBodyBytes", "1000000"), ("Webhooks:MaxBodyMemoryBytes", "4000000"));
        await host.PublishAsync("work", StepThatReadsTheBody(mark));
        var first = await SendAsync(host, LargeText(isChunked));
        Assert.Equal(202, first.Status);

        var refused = await SendAsync(host, LargeText(isChunked));

        refused.IsProblem(503, "too-many-bytes", hasRun: false);
        Assert.Equal("1", refused.Header("Retry-After"));
        Assert.Equal(202, (await host.PostAsync("/hooks/work")).Status);
        mark.Open();
        Assert.Equal("succeeded", (await host.EndOfAsync(first)).GetProperty("status").GetString());
        Assert.Equal(202, (await SendAsync(host, LargeText(isChunked))).Status);
    }

    [Fact]
    public async Task With_no_memory_left_a_large_file_goes_to_the_disk_at_once_and_a_body_that_unfolds_is_told_to_come_again()
    {
        using var mark = new Mark();
        await using var host = await StartAsync(("Webhooks:MaxBodyBytes", "1000000"), ("Webhooks:MaxBodyMemoryBytes", "3600000"));
        await host.PublishAsync("work", StepThatReadsTheBody(mark));
        Assert.Equal(202, (await SendAsync(host, LargeText(isChunked: false))).Status);
        Assert.Equal(202, (await SendAsync(host, LargeText(isChunked: false, 450_000))).Status);

        using var file = new ByteArrayContent(new byte[2_000_000]);
        using var form = new MultipartFormDataContent { { file, "file", "a.bin" } };
        Assert.Equal(202, (await SendAsync(host, form)).Status);

        (await SendAsync(host, Gzipped(new string('x', 500_000)))).IsProblem(503, "too-many-bytes", hasRun: false);
    }

    [Fact]
    public async Task What_counts_is_the_memory_that_a_body_takes_once_it_is_parsed()
    {
        using var mark = new Mark();
        await using var host = await StartAsync(("Webhooks:MaxBodyBytes", "1000000"), ("Webhooks:MaxBodyMemoryBytes", "20000000"));
        await host.PublishAsync("work", StepThatReadsTheBody(mark));
        var lists = $"[{string.Join(',', Enumerable.Repeat("[]", 150_000))}]";

        var first = await host.PostAsync("/hooks/work", lists);
        var held = host.Get<BodyMemory>().Held;
        var second = await host.PostAsync("/hooks/work", lists);

        Assert.Equal(202, first.Status);
        Assert.InRange(held, 150_000 * 2 * 12, 20_000_000);
        second.IsProblem(503, "too-many-bytes", hasRun: false);
        mark.Open();
        await host.EndOfAsync(first);
        Assert.Equal(0, host.Get<BodyMemory>().Held);
    }

    [Theory]
    [InlineData("")]
    [InlineData(", when: '{{ trigger.output.headers.host }}'")]
    [InlineData(", when: '{{ trigger.output.body }}'")]
    public async Task A_body_that_nothing_reads_counts_its_bytes_alone(string when)
    {
        using var mark = new Mark();
        await using var host = await StartAsync(
            ("Webhooks:MaxBodyBytes", "4000000"), ("Webhooks:MaxBodyMemoryBytes", "10000000"), ("Webhooks:MaxBodyValues", "2000000"));
        await host.PublishAsync("work", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }}{when} }}");
        var lists = $"[{string.Join(',', Enumerable.Repeat("[]", 1_333_333))}]";

        var answer = await host.PostAsync("/hooks/work", lists);

        if (when.Contains("body", StringComparison.Ordinal))
        {
            answer.IsProblem(413, "too-large", hasRun: false);
            return;
        }

        Assert.Equal(202, answer.Status);
        Assert.Equal(lists.Length, host.Get<BodyMemory>().Held);
        Assert.Equal(202, (await host.PostAsync("/hooks/work", lists)).Status);
        (await host.PostAsync("/hooks/work", lists)).IsProblem(503, "too-many-bytes", hasRun: false);
        mark.Open();
        await host.EndOfAsync(answer);
    }

    [Fact]
    public async Task A_run_that_reads_its_body_after_a_restart_reads_the_same()
    {
        using var mark = new Mark();
        var items = $$"""{"items":[{{string.Join(',', Enumerable.Range(0, 1000))}}]}""";
        string? id;
        await using (var before = await StartAsync(("ShutdownGraceSeconds", "0")))
        {
            await before.PublishAsync("work", $$$"""
                  - { key: work, type: probe, config: { do: wait, mark: {{{mark.Name}}} } }
                  - { key: copy, type: set, config: { values: { body: "{{ trigger.output.body }}" } } }
                """);
            id = (await before.PostAsync("/hooks/work", items)).RunId;
            await mark.EnteredAsync();
        }

        mark.Open();
        await using var after = await StartAsync();

        Assert.Equal($$"""{"body":{{items}}}""", (await after.EndOfAsync(id)).Output("copy").Compact());
    }

    [Theory]
    [InlineData("application/json", "Webhooks:MaxBodyValues", "[1,2,3,4,5,6,7,8,9,10]")]
    [InlineData("application/x-www-form-urlencoded", "Webhooks:MaxFormFields", "a&b&c&d&e&f&g&h&i&j&k")]
    [InlineData("text/plain", "Webhooks:MaxBodyMemoryBytes", "\n")]
    public async Task A_body_that_would_become_too_much_is_refused_with_the_cure(string contentType, string setting, string body)
    {
        await using var host = await StartAsync(
            ("Webhooks:MaxBodyBytes", "100000"), ("Webhooks:MaxBodyMemoryBytes", "100000"), ("Webhooks:MaxBodyValues", "10"), ("Webhooks:MaxFormFields", "10"));
        await host.PublishAsync("work", "  - { key: copy, type: set, config: { values: { body: '{{ trigger.output.body }}' } } }");

        var refused = await host.PostAsync("/hooks/work", body.PadRight(50_000), contentType);

        refused.IsProblem(413, "too-large", hasRun: false);
        Assert.Contains(setting, refused.Json.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(0, await host.CountRunsAsync("work"));
        Assert.Equal(0, host.Get<BodyMemory>().Held);
    }

    [Fact]
    public async Task The_text_fields_of_a_form_with_files_count_too()
    {
        using var mark = new Mark();
        await using var host = await StartAsync(("Webhooks:MaxBodyBytes", "1000000"), ("Webhooks:MaxBodyMemoryBytes", "3000000"));
        await host.PublishAsync("work", StepThatReadsTheBody(mark));
        using var form = new MultipartFormDataContent { { new StringContent(new string('x', 700_000)), "note" } };

        (await SendAsync(host, form)).IsProblem(503, "too-many-bytes", hasRun: false);
    }

    private static string StepThatReadsTheBody(Mark mark) =>
        $$$"""  - { key: work, type: probe, when: "{{ trigger.output.body }}", config: { do: wait, mark: {{{mark.Name}}} } }""";

    private static async Task<Received> SendAsync(TestHost host, HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hooks/work") { Content = content };
        return await host.SendAsync(request);
    }

    private static HttpContent LargeText(bool isChunked, int bytes = 900_000)
    {
        var text = Encoding.UTF8.GetBytes(new string('x', bytes));
        HttpContent content = isChunked ? new StreamContent(new Trickle(text)) : new ByteArrayContent(text);
        content.Headers.ContentType = new("text/plain");
        return content;
    }

    private static ByteArrayContent Gzipped(string text)
    {
        using var zipped = new MemoryStream();
        using (var zip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            zip.Write(Encoding.UTF8.GetBytes(text));
        }

        return new ByteArrayContent(zipped.ToArray()) { Headers = { ContentType = new("text/plain"), ContentEncoding = { "gzip" } } };
    }

    /// <summary>A stream whose length is not known, so that it is sent in chunks.</summary>
    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    // Each of these waits at its one step until the mark opens.
    private static async Task TakeEveryPlaceAsync(TestHost host, int places)
    {
        for (var place = 0; place < places; place++)
        {
            Assert.Equal(202, (await host.PostAsync("/hooks/work")).Status);
        }

        Assert.Equal(places, host.Get<Runner>().ActiveCount);
    }

    private static RunId IdOf(Received answer) => RunId.TryParse(answer.RunId, out var id) ? id : throw new InvalidOperationException(answer.Body);

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<TestHost> StartAsync(params (string, string?)[] settings) => TestHost.StartAsync(_folder, settings);
}
