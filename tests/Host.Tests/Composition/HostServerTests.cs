using System.Net;
using System.Text.Json;
using Dapper;
using Sluice.Engine.Replies;
using Sluice.Engine.Storage;
using Sluice.Engine.Storage.Sqlite;
using Sluice.Host.Configuration;
using Sluice.Host.Webhooks;

namespace Sluice.Host.Tests.Composition;

/// <summary>The host's life: stops and starts that lose nothing, and a disk that is full for a while.</summary>
public sealed class HostServerTests : IDisposable
{
    private const string Reply = "  - { key: answer, type: webhook_response, config: { body: done } }";

    private readonly TestFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_under_way_gets_to_finish_before_the_host_stops_and_its_caller_gets_the_reply()
    {
        using var mark = new Mark();
        var host = await TestHost.StartAsync(_folder, ("ShutdownGraceSeconds", "50"));
        await host.PublishAsync("finishing", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}\n{Reply}");
        var waiting = host.PostAsync("/hooks/finishing");
        await mark.EnteredAsync();

        var stopping = host.DisposeAsync();
        await UntilAsync(() => host.Get<Admission>().IsDraining);
        mark.Open();

        var answer = await waiting;
        await stopping;
        Assert.Equal((200, "done"), (answer.Status, answer.Body));
        await using var next = await TestHost.StartAsync(_folder);
        Assert.Equal("succeeded", (await next.RunAsync(answer.RunId)).Status());
        Assert.Single(mark.Calls);
    }

    [Fact]
    public async Task While_a_run_gets_to_finish_a_new_caller_is_told_that_the_host_drains()
    {
        using var mark = new Mark();
        var host = await TestHost.StartAsync(_folder, ("ShutdownGraceSeconds", "50"));
        await host.PublishAsync("finishing", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}\n{Reply}");
        var waiting = host.PostAsync("/hooks/finishing");
        await mark.EnteredAsync();
        // A connection of its own, as a caller has who comes only now.
        using var newcomer = new HttpClient { BaseAddress = new Uri(host.Address) };

        var stopping = host.DisposeAsync();
        await UntilAsync(() => host.Get<Admission>().IsDraining);
        using var refused = await newcomer.PostAsync(new Uri("/hooks/finishing", UriKind.Relative), null, Token);
        using var ready = await newcomer.GetAsync(new Uri("/readyz", UriKind.Relative), Token);
        mark.Open();
        await stopping;

        (await Received.ReadAsync(refused, Token)).IsProblem(503, "draining", hasRun: false);
        Assert.Equal(TimeSpan.FromSeconds(5), refused.Headers.RetryAfter?.Delta);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(200, (await waiting).Status);
    }

    [Fact]
    public async Task A_run_that_was_acknowledged_gets_to_finish_before_the_host_stops_too()
    {
        using var mark = new Mark();
        var host = await TestHost.StartAsync(_folder, ("ShutdownGraceSeconds", "50"));
        await host.PublishAsync("background", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}");
        var answer = await host.PostAsync("/hooks/background");
        await mark.EnteredAsync();

        var stopping = host.DisposeAsync();
        await UntilAsync(() => host.Get<Admission>().IsDraining);
        mark.Open();
        await stopping;

        await using var next = await TestHost.StartAsync(_folder);
        Assert.Equal("succeeded", (await next.RunAsync(answer.RunId)).Status());
        Assert.Single(mark.Calls);
    }

    [Fact]
    public async Task A_run_that_does_not_finish_in_time_is_cancelled_its_caller_gets_503_and_it_goes_on_at_the_next_start()
    {
        using var mark = new Mark();
        var host = await TestHost.StartAsync(_folder, ("ShutdownGraceSeconds", "0"));
        await host.PublishAsync("resumed", $$$"""
              - { key: first, type: set, config: { values: { seen: "{{ trigger.output.body.id }}" } } }
              - { key: work, type: probe, config: { do: wait, mark: {{{mark.Name}}} } }
              - { key: last, type: set, config: { values: { from_first: "{{ first.output.seen }}", attempt: "{{ work.output.attempt }}" } } }
            {{{Reply}}}
            """);
        var waiting = host.PostAsync("/hooks/resumed", """{"id":42}""");
        await mark.EnteredAsync();
        var stopping = host.DisposeAsync();
        var answer = await waiting;
        await stopping;

        answer.IsProblem(503, "stopping", hasRun: true);
        Assert.Equal("5", answer.Header("Retry-After"));
        await mark.CancelledAsync();

        mark.Open();
        await using var next = await TestHost.StartAsync(_folder);
        var run = await next.EndOfAsync(answer);
        Assert.Equal("succeeded", run.Status());
        Assert.Equal("""{"from_first":42,"attempt":2}""", run.Output("last").Compact());
        Assert.False(run.Output("answer").GetProperty("sent").GetBoolean());
        Assert.Equal([$"1 {answer.RunId}:work", $"2 {answer.RunId}:work"], mark.Calls);
        Assert.Single(run.Steps(), step => step.Text("key") == "first");
    }

    [Fact]
    public async Task A_suspended_run_wakes_after_a_restart()
    {
        string? id;
        await using (var host = await TestHost.StartAsync(_folder))
        {
            await host.PublishAsync("asleep", "  - { key: pause, type: probe, config: { do: suspend, value: 1500 } }");
            id = (await host.PostAsync("/hooks/asleep")).RunId;
            await host.WhenAsync(id, run => run.Status() == "suspended");
        }

        await using var next = await TestHost.StartAsync(_folder);
        var run = await next.EndOfAsync(id);
        Assert.Equal("succeeded", run.Status());
        Assert.True(run.Output("pause").GetProperty("woken").GetBoolean());
    }

    [Fact]
    public async Task A_run_goes_on_with_the_version_it_began_with_after_a_newer_one_was_published()
    {
        using var mark = new Mark();
        string? id;
        var steps = $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}\n  - {{ key: last, type: set, config: {{ values: {{ version: 1 }} }} }}";
        await using (var host = await TestHost.StartAsync(_folder, ("ShutdownGraceSeconds", "0")))
        {
            await host.PublishAsync("pinned", steps);
            id = (await host.PostAsync("/hooks/pinned")).RunId;
            await mark.EnteredAsync();
            await host.PublishAsync("pinned", steps.Replace("version: 1", "version: 2", StringComparison.Ordinal));
        }

        mark.Open();
        await using var next = await TestHost.StartAsync(_folder);
        var run = await next.EndOfAsync(id);
        Assert.Equal((1, """{"version":1}"""), (run.GetProperty("version").GetInt32(), run.Output("last").Compact()));
    }

    [Fact]
    public async Task A_second_host_on_the_same_data_directory_refuses_to_start()
    {
        await using var host = await TestHost.StartAsync(_folder);

        var refused = await Assert.ThrowsAsync<DataDirectoryException>(() => TestHost.StartAsync(_folder));

        Assert.Contains(_folder.Data, refused.Message, StringComparison.Ordinal);
        Assert.Equal(200, (await host.GetAsync("/readyz")).Status);
    }

    [Fact]
    public async Task A_port_that_is_taken_ends_the_start_and_lets_go_of_the_data_directory()
    {
        using var other = new TestFolder();
        await using var host = await TestHost.StartAsync(other);

        var refused = await Assert.ThrowsAsync<ConfigurationException>(() => TestHost.StartAsync(_folder, ("Urls", host.Address)));

        Assert.Contains(host.Address, refused.Message, StringComparison.Ordinal);
        Assert.Contains("--urls", refused.Message, StringComparison.Ordinal);

        refused = await Assert.ThrowsAsync<ConfigurationException>(() => TestHost.StartAsync(_folder, ("Admin:Urls", host.AdminAddress)));
        Assert.Contains(host.AdminAddress, refused.Message, StringComparison.Ordinal);
        Assert.Contains("--admin-urls", refused.Message, StringComparison.Ordinal);

        await using var next = await TestHost.StartAsync(_folder);
        Assert.Equal(200, (await next.GetAsync("/readyz")).Status);
    }

    [Fact]
    public async Task A_full_disk_takes_no_request_loses_nothing_and_is_over_when_there_is_room()
    {
        await using var host = await TestHost.StartAsync(_folder, ("Webhooks:MaxBodyBytes", "4000000"));
        using var mark = new Mark();
        await host.PublishAsync("kept", $"  - {{ key: work, type: probe, config: {{ do: wait, mark: {mark.Name} }} }}\n  - {{ key: last, type: set, config: {{ values: {{}} }} }}");
        await host.PublishAsync("replies", Reply);
        await host.PublishAsync("acknowledges", "  - { key: nothing, type: set, config: { values: {} } }");
        var before = await host.PostAsync("/hooks/replies");
        await host.EndOfAsync(before);
        var underWay = await host.PostAsync("/hooks/kept");
        Assert.Equal(202, underWay.Status);
        await mark.EnteredAsync();
        await FillAsync(host);

        // The first ones find out; those after them are refused before a run exists.
        var body = $"\"{new string('x', 3_000_000)}\"";
        foreach (var hook in new[] { "replies", "acknowledges", "replies", "acknowledges" })
        {
            var refused = await host.PostAsync($"/hooks/{hook}", body);
            refused.IsProblem(503, "not-durable", hasRun: false);
            Assert.Equal("5", refused.Header("Retry-After"));
        }

        Assert.Equal((503, "the journal cannot be written\n"), ((await host.GetAsync("/readyz")).Status, (await host.GetAsync("/readyz")).Body));
        Assert.Contains("sluice_journal_writable 0", (await host.GetAsync("/metrics")).Body, StringComparison.Ordinal);
        Assert.Equal(1, await host.CountRunsAsync("replies"));
        Assert.Equal(0, await host.CountRunsAsync("acknowledges"));
        (await host.SendAsync(HttpMethod.Put, "/api/workflows/late", "name: late\ntrigger: { type: webhook, config: { path: /late } }\nsteps:\n" + Reply))
            .IsProblem(503, "not-durable", hasRun: false);
        Assert.Equal(404, (await host.GetAsync("/api/workflows/late")).Status);
        mark.Open();

        ((SqliteDatabase)host.Get<IStorage>()).PageLimit = null;
        await UntilAsync(() => host.Get<IStorage>().Queue.IsWritable);

        Assert.Equal(200, (await host.PostAsync("/hooks/replies")).Status);
        Assert.Equal(200, (await host.GetAsync("/readyz")).Status);
        Assert.Equal("succeeded", (await host.RunAsync(before.RunId)).Status());
        Assert.Equal("succeeded", (await host.EndOfAsync(underWay)).Status());
    }

    [Fact]
    public async Task A_hundred_callers_at_once_each_get_their_own_reply_and_every_run_is_there()
    {
        await using var host = await TestHost.StartAsync(_folder);
        await host.PublishAsync("many", """  - { key: answer, type: webhook_response, config: { body: "{{ trigger.output.body.id }}" } }""");

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(id => host.PostAsync("/hooks/many", $$"""{"id":{{id}}}""")));

        Assert.Equal(Enumerable.Range(0, 100).Select(id => $"{id}"), answers.Select(answer => answer.Body));
        Assert.Equal(100, answers.Select(answer => answer.RunId).Distinct().Count());
        Assert.Equal(100, await host.CountRunsAsync("many"));
        Assert.Equal(0, host.Get<ResponderRegistry>().Count);
    }

    // From now on the file may not grow: what SQLite says of a full disk.
    private static async Task FillAsync(TestHost host)
    {
        ((SqliteDatabase)host.Get<IStorage>()).PageLimit = 1;
        await ((SqliteDatabase)host.Get<IStorage>()).Writer.WriteAsync(connection => connection.ExecuteScalar<long>("pragma max_page_count = 1"), TestContext.Current.CancellationToken);
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TestHost.Patience);
        while (!isSo())
        {
            await Task.Delay(10, patience.Token);
        }
    }
}
