using System.Text;
using System.Text.Json;
using Sluice.Host.Requests;
using Sluice.Host.Tests.Cli;

namespace Sluice.Host.Tests.Api;

/// <summary>Recorded requests: through the API, the command line, and back into <c>sluice run</c>.</summary>
public sealed class RequestRoutesTests(SharedHost shared)
{
    private TestHost Host => shared.Host;

    [Fact]
    public async Task A_request_is_listed_with_its_method_its_target_and_the_size_of_its_body()
    {
        var run = await SendAsync("kept-list");

        var listed = Assert.Single((await Host.GetAsync("/api/requests?workflow=kept-list")).Json.EnumerateArray());

        Assert.Equal((run, "kept-list", "POST"), (listed.Text("id"), listed.Text("workflow"), listed.Text("method")));
        Assert.Equal("/hooks/kept-list/a%20b?q=1%262&q=%C3%A9&empty=", listed.Text("target"));
        Assert.Equal(14, listed.GetProperty("body_bytes").GetInt64());
    }

    [Fact]
    public async Task Credentials_and_the_values_of_secrets_are_masked_wherever_they_stand()
    {
        var run = await SendAsync("kept-masked", """{"key":"hush-hush-9000","n":1}""");

        var shown = (await Host.GetAsync($"/api/requests/{run}")).Json;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/requests/{run}") { Headers = { { "Accept", "message/http" } } };
        var message = (await Host.SendAsync(request)).Body;

        Assert.Equal("""{"key":"***","n":1}""", shown.Text("body"));
        Assert.All(["authorization", "cookie", "x-hub-signature-256"], name => Assert.Equal("***", shown.GetProperty("headers").Text(name)));
        Assert.Equal("seen, ***", shown.GetProperty("headers").Text("x-plain"));
        Assert.DoesNotContain("hush-hush-9000", message, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_saved_request_gives_the_same_trigger_output_when_it_is_run_again()
    {
        var run = await SendAsync("kept-again");
        var folder = Directory.CreateTempSubdirectory("sluice-request-");
        try
        {
            var file = Path.Combine(folder.FullName, "saved.http");
            var workflow = Path.Combine(folder.FullName, "kept-again.yaml");
            await File.WriteAllTextAsync(workflow, Workflow("kept-again"), TestContext.Current.CancellationToken);

            var save = await SluiceProgram.RunAsync("requests", "save", run!, file, "--url", Host.AdminAddress);
            var again = await SluiceProgram.RunAsync("run", workflow, "--request", file, "--json");

            Assert.True((save.Exit, again.Exit) == (0, 0), save.Error + again.Error);
            Assert.Equal(Kept(await Host.RunAsync(run)), Kept(JsonElement.Parse(again.Output)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Requests_are_listed_and_shown_from_the_command_line()
    {
        var run = await SendAsync("kept-cli");

        var list = await SluiceProgram.RunAsync("requests", "list", "--workflow", "kept-cli", "--json", "--url", Host.AdminAddress);
        var show = await SluiceProgram.RunAsync("requests", "show", run!, "--url", Host.AdminAddress);
        var none = await SluiceProgram.RunAsync("requests", "show", Guid.NewGuid().ToString(), "--url", Host.AdminAddress);

        Assert.Equal((0, 0, 1), (list.Exit, show.Exit, none.Exit));
        Assert.Equal(run, Assert.Single(JsonElement.Parse(list.Output).EnumerateArray()).Text("id"));
        Assert.StartsWith("POST /hooks/kept-cli/a%20b?q=1%262&q=%C3%A9&empty= HTTP/1.1\r\n", show.Output, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n{\"id\":\"caf\u00e9\"}", show.Output, StringComparison.Ordinal);
        Assert.Contains("There is no run", none.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Authorization", true)]
    [InlineData("stripe-signature", true)]
    [InlineData("X-Gitlab-Token", true)]
    [InlineData("content-type", false)]
    [InlineData("x-github-event", false)]
    public void Headers_that_prove_who_sent_a_request_are_credentials(string name, bool isOne) => Assert.Equal(isOne, CredentialHeaders.IsOne(name));

    // The envelope as a step read it; framing and the address are the connection's own.
    private static string Kept(JsonElement run)
    {
        var output = JsonElement.Parse(run.Output("keep").GetRawText());
        return Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(output, RunJson.Plain));
    }

    private static string Workflow(string name) => $$$"""
        name: {{{name}}}
        trigger: { type: webhook, config: { path: "/{{{name}}}/{part}" } }
        steps:
          - key: keep
            type: set
            config:
              values:
                method: "{{ trigger.output.method }}"
                path: "{{ trigger.output.path }}"
                params: "{{ trigger.output.params }}"
                query: "{{ trigger.output.query }}"
                plain: "{{ trigger.output.headers.x-made }}"
                host: "{{ trigger.output.headers.host }}"
                length: "{{ trigger.output.headers.content-length }}"
                body: "{{ trigger.output.body }}"
                raw: "{{ trigger.output.raw_body }}"
                type: "{{ trigger.output.content_type }}"
        """;

    private async Task<string?> SendAsync(string name, string body = "{\"id\":\"caf\u00e9\"}")
    {
        await Host.PutAsync(name, Workflow(name));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/{name}/a%20b?q=1%262&q=%C3%A9&empty")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
            Headers = { { "Authorization", "Basic c2VjcmV0" }, { "Cookie", "sid=c2VjcmV0" }, { "X-Hub-Signature-256", "sha256=c2VjcmV0" }, { "X-Plain", ["seen", "hush-hush-9000"] }, { "X-Made", "yes" } },
        };
        var answer = await Host.SendAsync(request);
        await Host.EndOfAsync(answer);
        return answer.RunId;
    }
}
