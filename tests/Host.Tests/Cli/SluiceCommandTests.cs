using System.Text.Json;
using static Sluice.Host.Tests.Cli.SluiceProgram;

namespace Sluice.Host.Tests.Cli;

/// <summary>The command line as a person or a script meets it: exit codes, and a text that helps.</summary>
public sealed class SluiceCommandTests
{
    [Fact]
    public async Task Check_says_nothing_wrong_and_exits_0()
    {
        var (exit, output, error) = await RunAsync("check", "examples/payment-received.yaml", "examples/github.yaml", "examples/stripe.yaml");

        Assert.Equal((0, "3 workflows checked, no problems.\n", ""), (exit, output, error));
    }

    [Fact]
    public async Task Check_says_all_that_is_wrong_with_file_line_column_rule_and_cure_and_exits_1()
    {
        using var file = new TemporaryFile("""
            name: wrong
            trigger: { type: webhook, config: { path: /wrong } }
            steps:
              - key: gate
                type: logic_gat
              - key: answer
                type: webhook_response
                config: { status: teapot }
            """);

        var (exit, output, _) = await RunAsync("check", file.Path);
        var (jsonExit, json, _) = await RunAsync("check", file.Path, "--json");

        Assert.Equal((1, 1), (exit, jsonExit));
        Assert.Contains($"{file.Path}:5:11: unknown-node: step gate:", output, StringComparison.Ordinal);
        Assert.Contains("logic_gate", output, StringComparison.Ordinal);
        Assert.Contains($"{file.Path}:8:23: wrong-type: step answer:", output, StringComparison.Ordinal);
        Assert.EndsWith("1 workflow checked, 2 problems.\n", output, StringComparison.Ordinal);
        var errors = JsonElement.Parse(json);
        Assert.Equal(["file", "rule", "message", "step", "path", "line", "column"], errors[0].EnumerateObject().Select(member => member.Name));
        Assert.Equal([5, 8], errors.EnumerateArray().Select(found => found.GetProperty("line").GetInt32()));
    }

    [Fact]
    public async Task Run_prints_the_reply_and_the_steps_and_exits_0()
    {
        var (exit, output, error) = await RunAsync("run", "examples/payment-received.yaml", "--request", "examples/requests/payment.http", "--trace");

        Assert.True(exit == 0, error);
        Assert.StartsWith("HTTP/1.1 200 OK\n", output, StringComparison.Ordinal);
        Assert.Contains("""{"received":true}""", output, StringComparison.Ordinal);
        Assert.Matches("validate +logic_gate +succeeded +-> true ", output);
        Assert.Contains("\"amount\":12.5", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_takes_a_json_body_from_standard_input_and_prints_the_run_as_json()
    {
        var (exit, output, error) = await RunAsync("""{"id":"evt_1","amount":5,"currency":"eur","customer":{"email":"a@b.example"}}""",
            ["run", "examples/payment-received.yaml", "--request", "-", "--json"]);

        Assert.True(exit == 0, error);
        var run = JsonElement.Parse(output);
        Assert.Equal("payment-received", run.Text("workflow"));
        Assert.Equal(401, run.GetProperty("reply").GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task Run_of_a_run_that_fails_prints_the_problem_and_exits_1()
    {
        using var file = new TemporaryFile("""
            name: failing
            trigger: { type: webhook, config: { path: /failing } }
            steps:
              - { key: end, type: stop, config: { outcome: failed, message: no lines } }
              - { key: answer, type: webhook_response }
            """);

        var (exit, output, _) = await RunAsync("{}", ["run", file.Path, "--request", "-", "--trace"]);

        Assert.Equal(1, exit);
        Assert.StartsWith("HTTP/1.1 500 ", output, StringComparison.Ordinal);
        Assert.Contains("urn:sluice:problem:run-failed", output, StringComparison.Ordinal);
        Assert.Contains("no lines", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--trace")]
    [InlineData("--json")]
    public async Task Run_prints_a_large_output_whole_because_nothing_is_left_to_ask_for_it(string option)
    {
        using var file = new TemporaryFile("""
            name: large
            trigger: { type: webhook, config: { path: /large } }
            steps:
              - { key: kept, type: set, config: { values: { text: "{{ 'x'.repeat(300000) }}" } } }
            """);

        var (exit, output, _) = await RunAsync("{}", ["run", file.Path, "--request", "-", option]);

        Assert.Equal(0, exit);
        Assert.Contains(new string('x', 300_000), output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_of_a_wrong_workflow_says_what_is_wrong_and_exits_1()
    {
        using var file = new TemporaryFile("name: wrong\nsteps: []\n");

        var (exit, output, error) = await RunAsync("{}", ["run", file.Path, "--request", "-"]);

        Assert.Equal((1, ""), (exit, output));
        Assert.Contains($"{file.Path} is not a valid workflow:", error, StringComparison.Ordinal);
        Assert.Contains("trigger", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("absent.yaml does not exist", "check", "absent.yaml")]
    [InlineData("/dev/zero can't be read: it has more than", "run", "/dev/zero", "--request", "-")]
    [InlineData("There is no node 'logic_gat'. Did you mean 'logic_gate'? `sluice nodes` lists the nodes.", "nodes", "logic_gat")]
    [InlineData("There is no folder", "plugins", "verify", "absent")]
    [InlineData("There is no file", "plugins", "add", "absent.zip")]
    [InlineData("There is no feed 'absent-feed'", "plugins", "add", "Acme.Weather", "--source", "absent-feed")]
    [InlineData("Did you mean 'Logic'?", "plugins", "remove", "Logik")]
    [InlineData("No host responds at http://127.0.0.1:9/", "runs", "list", "--url", "http://127.0.0.1:9")]
    [InlineData("Set Admin:ApiKey", "serve", "--admin-urls", "http://0.0.0.0:0")]
    [InlineData("'ftp://127.0.0.1' is not an HTTP address.", "runs", "list", "--url", "ftp://127.0.0.1")]
    [InlineData("Standard input can't be both the workflow and the request.", "run", "-", "--request", "-")]
    [InlineData("/proc/absent", "nodes", "--write-docs", "/proc/absent")]
    [InlineData("/proc/absent", "serve", "--urls", "http://127.0.0.1:0", "--admin-urls", "http://127.0.0.1:0", "--data", "/proc/absent")]
    public async Task What_is_given_and_wrong_is_said_on_standard_error_with_exit_1(string message, params string[] arguments)
    {
        var (exit, output, error) = await RunAsync(arguments);

        Assert.Equal((1, ""), (exit, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_reads_a_device_that_never_ends_up_to_the_longest_workflow()
    {
        var (exit, output, error) = await RunAsync("check", "/dev/zero");

        Assert.Equal((1, ""), (exit, error));
        Assert.Contains("/dev/zero: too-large: ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'chek'", "chek", "examples/github.yaml")]
    [InlineData("--request", "run", "examples/github.yaml")]
    [InlineData("Did you mean 'check'?", "chek")]
    [InlineData("There is no command 'lst'. Did you mean 'list'?", "runs", "lst")]
    [InlineData("`sluice runs list` has no option '--limt'. Did you mean '--limit'?", "runs", "list", "--limt", "5")]
    [InlineData("--limit must be a whole number above 0, not 'ten'.", "runs", "list", "--limit", "ten")]
    [InlineData("Unexpected argument 'more'.", "runs", "show", "id", "more")]
    [InlineData("'xml'", "check", "examples", "--format", "xml")]
    [InlineData("'--urls'", "runs", "list", "--urls", "http://127.0.0.1:9")]
    [InlineData("'--data'", "check", "examples/github.yaml", "--data", "elsewhere")]
    [InlineData("'--workflows'", "plugins", "list", "--workflows", "elsewhere")]
    [InlineData("'--plugins'", "requests", "list", "--plugins", "elsewhere")]
    [InlineData("Did you mean '--plugins'?", "nodes", "--plugin", "elsewhere")]
    [InlineData("`sluice nodes` has no option '--urls'.", "--urls", "http://127.0.0.1:9", "nodes")]
    [InlineData("--plugins conflicts with --url", "plugins", "list", "--url", "http://127.0.0.1:9", "--plugins", "elsewhere")]
    [InlineData("--api-key needs --url", "plugins", "list", "--api-key", "k")]
    public async Task Wrong_usage_is_said_on_standard_error_with_exit_2(string named, params string[] arguments)
    {
        var (exit, output, error) = await RunAsync(arguments);

        Assert.Equal((2, ""), (exit, output));
        Assert.Contains(named, error, StringComparison.OrdinalIgnoreCase);
        Assert.Matches("See `sluice[a-z ]* --help`.\n$", error);
        Assert.Equal(2, error.Count('\n'));
    }

    [Theory]
    [InlineData("SLUICE__WEBHOOKS__TIMEOUTSECOND", "20", "SLUICE__WEBHOOKS__TIMEOUTSECOND is no setting of Sluice. Did you mean SLUICE__WEBHOOKS__TIMEOUTSECONDS?")]
    [InlineData("SLUICE_WEBHOOKS__TIMEOUTSECONDS", "20", "SLUICE_WEBHOOKS__TIMEOUTSECONDS is not read. Did you mean SLUICE__WEBHOOKS__TIMEOUTSECONDS?")]
    public async Task An_unknown_variable_is_refused_at_start_with_the_one_that_was_meant(string name, string value, string message)
    {
        var (exit, output, error) = await RunAsync("", ["serve", "--urls", "http://127.0.0.1:0"], [(name, value)]);
        var (checkExit, _, checkError) = await RunAsync("", ["nodes"], [(name, value)]);

        Assert.Equal((1, "", 1), (exit, output, checkExit));
        Assert.All([error, checkError], said => Assert.Contains(message, said, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nodes_lists_the_catalogue_and_documents_one_node()
    {
        var (exit, json, _) = await RunAsync("nodes", "--json");
        var (pageExit, page, _) = await RunAsync("nodes", "webhook_response");

        Assert.Equal((0, 0), (exit, pageExit));
        Assert.Contains("logic_gate", JsonElement.Parse(json).EnumerateArray().Select(node => node.Text("type")));
        Assert.Contains("Notifications & Messaging", page, StringComparison.Ordinal);
        Assert.Contains("content_type", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plugins_lists_and_verifies_a_folder_and_exits_1_where_it_would_be_rejected()
    {
        var empty = Directory.CreateTempSubdirectory("sluice-empty-");
        try
        {
            var (listExit, list, _) = await RunAsync("plugins", "list", "--json");
            var (goodExit, _, _) = await RunAsync("plugins", "verify", Path.Combine(AppContext.BaseDirectory, "plugins", "Logic"));
            var (exit, output, _) = await RunAsync("plugins", "verify", empty.FullName);

            Assert.Equal((0, 0, 1), (listExit, goodExit, exit));
            Assert.Equal(["active", "active", "active"], JsonElement.Parse(list).EnumerateArray().Select(plugin => plugin.Text("state")));
            Assert.Contains("rejected", output, StringComparison.Ordinal);
            Assert.Contains($"{empty.Name}: ", output, StringComparison.Ordinal);
        }
        finally
        {
            empty.Delete(recursive: true);
        }
    }

    /// <summary>A workflow file of one test.</summary>
    private sealed class TemporaryFile : IDisposable
    {
        public TemporaryFile(string text)
        {
            Path = System.IO.Path.Combine(Directory.CreateTempSubdirectory("sluice-cli-").FullName, "workflow.yaml");
            File.WriteAllText(Path, text);
        }

        public string Path { get; }

        public void Dispose() => Directory.GetParent(Path)!.Delete(recursive: true);
    }
}
