using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Sluice.Engine.Embedding;
using Sluice.Engine.Storage.Sqlite;

namespace Sluice.Host.Tests.Embedding;

/// <summary>The engine in a program of its own, through its public API alone.</summary>
public sealed class WorkflowEngineTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_replies_ends_and_can_be_read()
    {
        await using var embedded = await EmbeddedEngine.StartAsync(_folder.Data);
        var published = await embedded.PublishAsync("order", """
              - { key: answer, type: webhook_response, config: { status: 201, body: { id: "{{ trigger.output.body.id }}" } } }
              - { key: total, type: set, config: { values: { total: "{{ trigger.output.body.price * 2 }}" } } }
            """);

        var run = embedded.Engine.Start("order", Json("""{"id":"A1","price":21}"""));
        var reply = await run.Reply.WaitAsync(TestHost.Patience, Token);
        var ended = await embedded.Engine.WaitForEndAsync(run.Id, Token).WaitAsync(TestHost.Patience, Token);

        Assert.Equal(new PublishedWorkflow("order", 1), published);
        Assert.Equal((201, """{"id":"A1"}"""), (reply!.Status, Encoding.UTF8.GetString(reply.Body.Span)));
        Assert.Equal((run.Id, "order", 1, RunState.Succeeded), (ended!.Id, ended.Workflow, ended.Version, ended.State));
        Assert.Equal(201, ended.Reply!.Status);
        Assert.Equal(["answer", "total"], ended.Steps.Select(step => step.Path));
        Assert.Equal("""{"total":42}""", ended.Steps[1].Output!.Value.GetRawText());
    }

    [Fact]
    public async Task A_run_without_a_reply_step_is_acknowledged_once_it_is_durable()
    {
        await using var embedded = await EmbeddedEngine.StartAsync(_folder.Data);
        await embedded.PublishAsync("quiet", "  - { key: one, type: set, config: { values: { a: 1 } } }");

        var run = embedded.Engine.Start("quiet", Json("{}"));

        Assert.Null(await run.Reply.WaitAsync(TestHost.Patience, Token));
        Assert.NotNull(await embedded.Engine.FindAsync(run.Id, Token));
    }

    [Fact]
    public async Task An_undefined_input_is_a_request_without_a_body()
    {
        await using var embedded = await EmbeddedEngine.StartAsync(_folder.Data);
        await embedded.PublishAsync("empty", """  - { key: answer, type: webhook_response, config: { body: { is_null: "{{ trigger.output.body === null }}" } } }""");

        var reply = await embedded.Engine.Start("empty", default).Reply.WaitAsync(TestHost.Patience, Token);

        Assert.Equal("""{"is_null":true}""", Encoding.UTF8.GetString(reply!.Body.Span));
    }

    [Fact]
    public async Task A_failed_run_has_no_reply_and_says_why_it_failed()
    {
        await using var embedded = await EmbeddedEngine.StartAsync(_folder.Data);
        await embedded.PublishAsync("failing", """
              - { key: fails, type: probe, config: { do: fail } }
              - { key: answer, type: webhook_response }
            """);

        var run = embedded.Engine.Start("failing", Json("{}"));
        var reply = await run.Reply.WaitAsync(TestHost.Patience, Token);
        var ended = await embedded.Engine.WaitForEndAsync(run.Id, Token).WaitAsync(TestHost.Patience, Token);

        Assert.Null(reply);
        Assert.Equal(RunState.Failed, ended!.State);
        Assert.Equal(ended.Steps[0].Error, ended.Error);
        Assert.NotNull(ended.Error);
    }

    [Fact]
    public async Task An_invalid_workflow_is_rejected_with_place_and_rule()
    {
        await using var embedded = await EmbeddedEngine.StartAsync(_folder.Data);

        var rejected = await Assert.ThrowsAsync<WorkflowRejectedException>(() => embedded.PublishAsync("wrong", "  - { key: one, type: sett }"));

        var problem = Assert.Single(rejected.Problems);
        Assert.Equal(("unknown-node", 4), (problem.Rule, problem.Line));
        Assert.Contains("4:", rejected.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_of_no_workflow_is_rejected()
    {
        await using var embedded = await EmbeddedEngine.StartAsync(_folder.Data);

        var rejected = Assert.Throws<RunRejectedException>(() => embedded.Engine.Start("nobody", Json("{}")));

        Assert.Equal("There is no workflow 'nobody'. Publish it first.", rejected.Message);
        Assert.Null(await embedded.Engine.FindAsync(Guid.CreateVersion7(), Token));
        Assert.Null(await embedded.Engine.WaitForEndAsync(Guid.CreateVersion7(), Token));
        Assert.False(await embedded.Engine.CancelAsync(Guid.CreateVersion7(), Token));
    }

    [Fact]
    public async Task A_value_that_is_no_JSON_is_rejected_as_an_argument()
    {
        await using var embedded = await EmbeddedEngine.StartAsync(_folder.Data);
        await embedded.PublishAsync("quiet", "  - { key: one, type: set, config: { values: { a: 1 } } }");
        var half = Json("""{"text":"\ud800"}""");

        Assert.Contains("surrogate", Assert.Throws<ArgumentException>("input", () => embedded.Engine.Start("quiet", half)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>("payload", () => embedded.Engine.SignalAsync(Guid.CreateVersion7(), "go", half, Token));
    }

    [Fact]
    public async Task A_signal_that_is_too_tooLongis_rejected_as_an_argument()
    {
        await using var embedded = await EmbeddedEngine.StartAsync(_folder.Data);
        var tooLong = Json($"\"{new string('x', 1024 * 1024)}\"");

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("payload", () => embedded.Engine.SignalAsync(Guid.CreateVersion7(), "go", tooLong, Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("name", () => embedded.Engine.SignalAsync(Guid.CreateVersion7(), new string('n', 201), Json("1"), Token));
    }

    [Fact]
    public async Task A_run_can_be_cancelled_once()
    {
        using var gate = new Mark();
        await using var embedded = await EmbeddedEngine.StartAsync(_folder.Data);
        await embedded.PublishAsync("waiting", $"  - {{ key: waits, type: probe, config: {{ do: wait, mark: {gate.Name} }} }}");
        var run = embedded.Engine.Start("waiting", Json("{}"));
        await gate.EnteredAsync();

        Assert.True(await embedded.Engine.CancelAsync(run.Id, Token));

        var ended = await embedded.Engine.WaitForEndAsync(run.Id, Token).WaitAsync(TestHost.Patience, Token);
        Assert.Equal(RunState.Cancelled, ended!.State);
        Assert.False(await embedded.Engine.CancelAsync(run.Id, Token));
    }

    [Fact]
    public async Task A_run_beyond_the_bound_is_rejected_if_its_caller_waits_and_queued_if_not()
    {
        using var gate = new Mark();
        await using var embedded = await EmbeddedEngine.StartAsync(_folder.Data, options => options.MaxRuns = 1);
        await embedded.PublishAsync("waiting", $"  - {{ key: waits, type: probe, config: {{ do: wait, mark: {gate.Name} }} }}");
        await embedded.PublishAsync("replying", "  - { key: answer, type: webhook_response }");
        await embedded.PublishAsync("quiet", "  - { key: one, type: set, config: { values: { a: 1 } } }");
        embedded.Engine.Start("waiting", Json("{}"));
        await gate.EnteredAsync();

        var rejected = Assert.Throws<RunRejectedException>(() => embedded.Engine.Start("replying", Json("{}")));
        var queued = embedded.Engine.Start("quiet", Json("{}"));
        Assert.Null(await queued.Reply.WaitAsync(TestHost.Patience, Token));
        Assert.Equal(RunState.Queued, (await embedded.Engine.FindAsync(queued.Id, Token))!.State);
        gate.Open();

        Assert.Contains("MaxRuns", rejected.Message, StringComparison.Ordinal);
        Assert.Equal(RunState.Succeeded, (await embedded.Engine.WaitForEndAsync(queued.Id, Token).WaitAsync(TestHost.Patience, Token))!.State);
    }

    [Fact]
    public async Task A_run_that_a_stop_interrupts_continues_at_the_next_start()
    {
        using var gate = new Mark();
        var embedded = await EmbeddedEngine.StartAsync(_folder.Data);
        await embedded.PublishAsync("waiting", $$"""
              - { key: waits, type: probe, config: { do: wait, mark: {{gate.Name}} } }
              - { key: answer, type: webhook_response }
            """);
        var run = embedded.Engine.Start("waiting", Json("{}"));
        await gate.EnteredAsync();
        var waiting = embedded.Engine.WaitForEndAsync(run.Id, Token);

        await embedded.DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(TestHost.Patience, Token));
        var interrupted = await Assert.ThrowsAsync<OperationCanceledException>(() => run.Reply.WaitAsync(TestHost.Patience, Token));
        gate.Open();
        await using var next = await EmbeddedEngine.StartAsync(_folder.Data);
        var ended = await next.Engine.WaitForEndAsync(run.Id, Token).WaitAsync(TestHost.Patience, Token);

        Assert.Contains(run.Id.ToString(), interrupted.Message, StringComparison.Ordinal);
        Assert.Equal(RunState.Succeeded, ended!.State);
    }

    [Fact]
    public async Task The_files_of_the_workflow_folder_are_published_at_the_start()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_folder.Workflows, "filed.yaml"),
            "name: filed\ntrigger: { type: webhook, config: { path: /filed } }\nsteps:\n  - { key: answer, type: webhook_response, config: { body: \"{{ secrets.word }}\" } }\n",
            Token);
        await using var embedded = await EmbeddedEngine.StartAsync(_folder.Data, options =>
        {
            options.WorkflowFolder = _folder.Workflows;
            options.Secrets["word"] = "open-sesame";
        });

        var reply = await embedded.Engine.Start("filed", Json("{}")).Reply.WaitAsync(TestHost.Patience, Token);

        Assert.Equal("open-sesame", Encoding.UTF8.GetString(reply!.Body.Span));
    }

    [Fact]
    public async Task Invalid_options_stop_the_start_and_each_is_named_with_its_value_and_rule()
    {
        var embedded = EmbeddedEngine.Create("", options =>
        {
            options.MaxRuns = 0;
            options.StepTimeout = TimeSpan.FromDays(2);
            options.AllowedNetworks.Add("10.1");
        });

        var invalid = await Assert.ThrowsAsync<OptionsValidationException>(embedded.StartAsync);

        Assert.Equal(
            [
                "SluiceEngineOptions.DataFolder is required.",
                "SluiceEngineOptions.MaxRuns is 0; it must be at least 1.",
                "SluiceEngineOptions.StepTimeout is 2.00:00:00; it must be from 00:00:01 to 1.00:00:00.",
                "SluiceEngineOptions.AllowedNetworks holds \"10.1\", which is not a network; write it as 10.1.0.0/16.",
            ],
            invalid.Failures);
    }

    [Fact]
    public async Task A_data_folder_in_use_stops_the_start_and_leaves_the_other_engine_alone()
    {
        await using var first = await EmbeddedEngine.StartAsync(_folder.Data);
        var second = EmbeddedEngine.Create(_folder.Data);

        await Assert.ThrowsAsync<DataDirectoryException>(second.StartAsync);
        await second.DisposeAsync();

        Assert.Equal(new PublishedWorkflow("one", 1), await first.PublishAsync("one", "  - { key: one, type: set, config: { values: { a: 1 } } }"));
    }

    [Fact]
    public void It_can_be_injected_before_the_start_but_not_used()
    {
        var embedded = EmbeddedEngine.Create(_folder.Data);

        var early = Assert.Throws<InvalidOperationException>(() => embedded.Engine.Start("any", Json("{}")));

        Assert.Contains("has not started", early.Message, StringComparison.Ordinal);
    }

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
