using System.Text.Json;

namespace Sluice.Host.Tests.Api;

public sealed class WorkflowRoutesTests(SharedHost shared)
{
    private TestHost Host => shared.Host;

    [Fact]
    public async Task A_workflow_that_is_put_is_published_once_and_shown()
    {
        var text = Text("shown", "shown-path");

        var first = await Host.SendAsync(HttpMethod.Put, "/api/workflows/shown", text);
        var again = await Host.SendAsync(HttpMethod.Put, "/api/workflows/shown", text);
        var changed = await Host.SendAsync(HttpMethod.Put, "/api/workflows/shown", text + "# changed\n");

        Assert.Equal("""{"name":"shown","version":1,"changed":true}""", first.Json.Compact());
        Assert.Equal("""{"name":"shown","version":1,"changed":false}""", again.Json.Compact());
        Assert.Equal("""{"name":"shown","version":2,"changed":true}""", changed.Json.Compact());
        var shown = (await Host.GetAsync("/api/workflows/shown")).Json;
        Assert.Equal(
            ["name", "version", "enabled", "path", "methods", "source", "published_at", "errors", "text", "state", "reason", "plugins"],
            shown.EnumerateObject().Select(member => member.Name));
        Assert.Equal((2, true, "/hooks/shown-path"), (shown.GetProperty("version").GetInt32(), shown.GetProperty("enabled").GetBoolean(), shown.GetProperty("path").GetString()));
        Assert.Equal("api", shown.GetProperty("source").GetString());
        Assert.Equal(text + "# changed\n", shown.GetProperty("text").GetString());
        var listed = await ListedAsync(Host, "shown");
        Assert.Equal(["name", "version", "enabled", "path", "methods", "source", "published_at", "errors", "state", "reason"], listed.EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task A_text_that_is_not_utf_8_is_answered_422()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/workflows/latin")
        {
            Content = new ByteArrayContent([.. System.Text.Encoding.UTF8.GetBytes(Text("latin", "latin")), (byte)'#', 0xE9]),
        };

        var answer = await Host.SendAsync(request);

        Assert.Equal((422, "bad-encoding"), (answer.Status, answer.Json.GetProperty("errors")[0].GetProperty("rule").GetString()));
        Assert.Equal(404, (await Host.GetAsync("/api/workflows/latin")).Status);
    }

    [Fact]
    public async Task Aliases_that_repeat_a_long_text_are_answered_422()
    {
        var text = $"name: bomb\nx: &x \"{new string('x', 500_000)}\"\ny: [{string.Join(", ", Enumerable.Repeat("*x", 400))}]\n";

        var answer = await Host.SendAsync(HttpMethod.Put, "/api/workflows/bomb", text);

        Assert.Equal((422, "too-large"), (answer.Status, answer.Json.GetProperty("errors")[0].GetProperty("rule").GetString()));
    }

    [Fact]
    public async Task A_workflow_may_be_put_as_json()
    {
        await Host.PutAsync("as-json", """
            {"name":"as-json","trigger":{"type":"webhook","config":{"path":"/as-json"}},
             "steps":[{"key":"answer","type":"webhook_response","config":{"status":210}}]}
            """);

        Assert.Equal(210, (await Host.PostAsync("/hooks/as-json")).Status);
    }

    [Fact]
    public async Task A_wrong_workflow_is_answered_422_with_every_error_and_its_place_and_changes_nothing()
    {
        await Host.PutAsync("strict", Text("strict", "strict"));
        const string wrong = """
            name: strict
            trigger: { type: webhook, config: { path: /strict, metods: [POST] } }
            steps:
              - key: gate
                type: logic_gat
              - key: answer
                type: webhook_response
                config: { status: teapot, body: "{{ gaet.output.result }}" }
            """;

        var answer = await Host.SendAsync(HttpMethod.Put, "/api/workflows/strict", wrong);

        Assert.Equal(422, answer.Status);
        var errors = answer.Json.GetProperty("errors").EnumerateArray().ToArray();
        Assert.All(errors, error => Assert.Equal(["rule", "message", "step", "path", "line", "column"], error.EnumerateObject().Select(member => member.Name)));
        Assert.Equal(
            [("unknown-field", 2), ("unknown-node", 5), ("wrong-type", 8), ("unknown-reference", 8)],
            errors.Select(error => (error.GetProperty("rule").GetString(), error.GetProperty("line").GetInt32())));
        Assert.All(errors, error => Assert.True(error.GetProperty("column").GetInt32() > 0));
        Assert.Contains("methods", errors[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("logic_gate", errors[1].GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, (await Host.GetAsync("/api/workflows/strict")).Json.GetProperty("version").GetInt32());
        Assert.Equal(200, (await Host.PostAsync("/hooks/strict")).Status);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("name: [", "yaml")]
    [InlineData("a:\n\t- tab", "yaml")]
    [InlineData("42", "wrong-type")]
    public async Task What_is_no_workflow_at_all_is_answered_422(string text, string rule)
    {
        var answer = await Host.SendAsync(HttpMethod.Put, "/api/workflows/nothing", text);

        Assert.Equal(422, answer.Status);
        Assert.StartsWith(rule, answer.Json.GetProperty("errors")[0].GetProperty("rule").GetString(), StringComparison.Ordinal);
        Assert.Equal(404, (await Host.GetAsync("/api/workflows/nothing")).Status);
    }

    [Fact]
    public async Task A_name_that_is_another_in_the_text_is_refused()
    {
        var answer = await Host.SendAsync(HttpMethod.Put, "/api/workflows/left", Text("right", "left"));

        Assert.Equal(422, answer.Status);
        Assert.Equal("name-mismatch", answer.Json.GetProperty("errors")[0].GetProperty("rule").GetString());
    }

    [Theory]
    [InlineData("overlap/{id}/x", "overlap/7/{any}")]
    [InlineData("overlap-same", "overlap-same")]
    public async Task A_workflow_whose_path_overlaps_with_another_s_is_refused_naming_the_first(string first, string second)
    {
        var (one, two) = ($"one-{Guid.NewGuid():N}", $"two-{Guid.NewGuid():N}");
        await Host.PutAsync(one, Text(one, first));

        var answer = await Host.SendAsync(HttpMethod.Put, $"/api/workflows/{two}", Text(two, second));

        Assert.Equal(422, answer.Status);
        var error = answer.Json.GetProperty("errors")[0];
        Assert.Equal("route-taken", error.GetProperty("rule").GetString());
        Assert.Contains(one, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(404, (await Host.GetAsync($"/api/workflows/{two}")).Status);
        await Host.SendAsync(HttpMethod.Delete, $"/api/workflows/{one}");
        await Host.PutAsync(two, Text(two, second));
        await Host.SendAsync(HttpMethod.Delete, $"/api/workflows/{two}");
    }

    [Fact]
    public async Task A_disabled_workflow_gives_its_path_to_others_and_does_not_get_it_back_from_them()
    {
        await Host.PutAsync("first-here", Text("first-here", "contested"));
        await Host.SendAsync(HttpMethod.Post, "/api/workflows/first-here/disable");
        await Host.PutAsync("second-here", Text("second-here", "contested"));

        var answer = await Host.SendAsync(HttpMethod.Post, "/api/workflows/first-here/enable");

        Assert.Equal(409, answer.Status);
        Assert.Contains("second-here", answer.Json.GetProperty("errors")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.False((await ListedAsync(Host, "first-here")).GetProperty("enabled").GetBoolean());
    }

    [Fact]
    public async Task A_deleted_workflow_is_gone_from_list_and_ingress_and_its_runs_stay()
    {
        await Host.PutAsync("deleted", Text("deleted", "deleted"));
        var run = await Host.PostAsync("/hooks/deleted");

        Assert.Equal(200, (await Host.SendAsync(HttpMethod.Delete, "/api/workflows/deleted")).Status);

        (await Host.PostAsync("/hooks/deleted")).IsProblem(404, "no-webhook", hasRun: false);
        Assert.Equal(404, (await Host.GetAsync("/api/workflows/deleted")).Status);
        Assert.Equal("succeeded", (await Host.EndOfAsync(run)).Status());
    }

    [Theory]
    [InlineData("GET", "/api/workflows/absent")]
    [InlineData("DELETE", "/api/workflows/absent")]
    [InlineData("POST", "/api/workflows/absent/enable")]
    [InlineData("POST", "/api/workflows/absent/disable")]
    public async Task An_unknown_workflow_is_answered_404(string method, string path) =>
        (await Host.SendAsync(HttpMethod.Parse(method), path)).IsProblem(404, "not-found", hasRun: false);

    [Fact]
    public async Task A_text_that_is_far_too_long_is_answered_413() =>
        (await Host.SendAsync(HttpMethod.Put, "/api/workflows/long", new string('#', 5 * 1024 * 1024))).IsProblem(413, "too-large", hasRun: false);

    [Fact]
    public async Task A_text_whose_chunks_are_broken_is_answered_400()
    {
        var answer = await Host.SendRawAsync(
            "PUT /api/workflows/broken HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nffffffffffffffffffff\r\nname: broken\r\n0\r\n\r\n",
            toAdmin: true);

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("broken-request", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watched_folder_publishes_what_changes_and_keeps_the_last_good_version_of_what_is_wrong()
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Workflows, "watched.yaml");
        await WriteAsync(file, Text("watched", "watched", status: 201));
        await using var host = await TestHost.StartAsync(folder);
        Assert.Equal(201, (await host.PostAsync("/hooks/watched")).Status);

        await WriteAsync(file, Text("watched", "watched", status: 202));
        await WhenAsync(host, list => Version(list, "watched") == 2);
        Assert.Equal(202, (await host.PostAsync("/hooks/watched")).Status);

        await WriteAsync(file, Text("watched", "watched", status: 203).Replace("webhook_response", "webhook_respons", StringComparison.Ordinal));
        await WhenAsync(host, list => Errors(list, "watched") == 1);
        var wrong = await ListedAsync(host, "watched");
        Assert.Equal(2, wrong.GetProperty("version").GetInt32());
        Assert.Equal(file, wrong.GetProperty("source").GetString());
        var error = wrong.GetProperty("errors")[0];
        Assert.Equal(("unknown-node", 4), (error.GetProperty("rule").GetString(), error.GetProperty("line").GetInt32()));
        Assert.Equal(202, (await host.PostAsync("/hooks/watched")).Status);

        await WriteAsync(Path.Combine(folder.Workflows, "never-good.yaml"), "name: never-good\n");
        await WhenAsync(host, list => Errors(list, "never-good") > 0);
        Assert.Equal(JsonValueKind.Null, (await ListedAsync(host, "never-good")).GetProperty("version").ValueKind);

        var owned = await host.SendAsync(HttpMethod.Put, "/api/workflows/watched", Text("watched", "watched"));
        Assert.Equal((422, "owned-by-file"), (owned.Status, owned.Json.GetProperty("errors")[0].GetProperty("rule").GetString()));
        Assert.Equal(409, (await host.SendAsync(HttpMethod.Delete, "/api/workflows/watched")).Status);

        File.Delete(file);
        await WhenAsync(host, list => Version(list, "watched") is null);
        Assert.Equal(404, (await host.PostAsync("/hooks/watched")).Status);
    }

    [Fact]
    public async Task What_was_put_is_live_again_after_a_restart()
    {
        using var folder = new TestFolder();
        await using (var host = await TestHost.StartAsync(folder))
        {
            await host.PutAsync("kept", Text("kept", "kept", status: 207));
            await host.PutAsync("resting", Text("resting", "resting"));
            await host.SendAsync(HttpMethod.Post, "/api/workflows/resting/disable");
        }

        await using var next = await TestHost.StartAsync(folder);

        Assert.Equal(207, (await next.PostAsync("/hooks/kept")).Status);
        Assert.Equal(404, (await next.PostAsync("/hooks/resting")).Status);
    }

    private static string Text(string name, string path, int status = 200) => $$"""
        name: {{name}}
        trigger: { type: webhook, config: { path: "/{{path}}" } }
        steps:
          - { key: answer, type: webhook_response, config: { status: {{status}} } }

        """;

    // Moved into place whole, as an editor or a deployment would: the watcher never sees half a file.
    private static async Task WriteAsync(string file, string text)
    {
        await File.WriteAllTextAsync(file + ".tmp", text, TestContext.Current.CancellationToken);
        File.Move(file + ".tmp", file, overwrite: true);
    }

    private static async Task<JsonElement> ListedAsync(TestHost host, string name) =>
        (await host.GetAsync("/api/workflows")).Json.EnumerateArray().Single(workflow => workflow.GetProperty("name").GetString() == name);

    private static JsonElement? Listed(JsonElement list, string name) =>
        list.EnumerateArray().Where(workflow => workflow.GetProperty("name").GetString() == name).Select(workflow => (JsonElement?)workflow).FirstOrDefault();

    private static int? Version(JsonElement list, string name) =>
        Listed(list, name) is { } found && found.GetProperty("version") is { ValueKind: JsonValueKind.Number } version ? version.GetInt32() : null;

    private static int Errors(JsonElement list, string name) => Listed(list, name)?.GetProperty("errors").GetArrayLength() ?? 0;

    // The folder is looked at when the file system says so, which nothing tells a test: the API is asked until it shows it.
    private static async Task WhenAsync(TestHost host, Func<JsonElement, bool> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TestHost.Patience);
        while (!isSo((await host.GetAsync("/api/workflows")).Json))
        {
            await Task.Delay(20, patience.Token);
        }
    }
}
