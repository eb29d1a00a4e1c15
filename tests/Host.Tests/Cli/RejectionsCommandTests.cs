using System.Text.Json;
using static Sluice.Host.Tests.Cli.SluiceProgram;

namespace Sluice.Host.Tests.Cli;

public sealed class RejectionsCommandTests(SharedHost shared)
{
    [Fact]
    public async Task Refused_requests_are_listed_from_the_command_line()
    {
        await shared.Host.PublishAsync("refusing", "  - { key: end, type: stop }", "auth: { type: github, secret: \"{{ secrets.github_key }}\" }");
        await shared.Host.PostAsync("/hooks/refusing");

        var json = await RunAsync("refusals", "list", "--workflow", "refusing", "--json", "--url", shared.Host.AdminAddress);
        var lines = await RunAsync("refusals", "list", "--workflow", "refusing", "--url", shared.Host.AdminAddress);

        var refusal = Assert.Single(JsonElement.Parse(json.Output).EnumerateArray());
        Assert.Equal(("refusing", "/hooks/refusing", "127.0.0.1", "missing-credentials"),
            (refusal.Text("workflow"), refusal.Text("path"), refusal.Text("remote_ip"), refusal.Text("reason")));
        Assert.Equal((0, 0), (json.Exit, lines.Exit));
        Assert.Contains("refusing  /hooks/refusing  127.0.0.1  missing-credentials  The header X-Hub-Signature-256 is missing.\n", lines.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_says_why_it_refused_a_request_and_how_to_send_it_all_the_same()
    {
        string[] forged = ["run", "examples/github.yaml", "--request", "examples/requests/github-push-forged.http"];

        var refused = await RunAsync(forged);
        var skipped = await RunAsync([.. forged, "--skip-auth"]);
        var json = await RunAsync([.. forged, "--json"]);

        Assert.Equal(1, refused.Exit);
        Assert.StartsWith("HTTP/1.1 401 ", refused.Output, StringComparison.Ordinal);
        Assert.Contains("wrong-signature", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--skip-auth", refused.Error, StringComparison.Ordinal);
        Assert.Equal((1, 401, ""), (json.Exit, JsonElement.Parse(json.Output).GetProperty("status").GetInt32(), json.Error));
        Assert.Contains("wrong-signature", JsonElement.Parse(json.Output).Text("reason"), StringComparison.Ordinal);
        Assert.Equal(0, skipped.Exit);
        Assert.StartsWith("HTTP/1.1 202 ", skipped.Output, StringComparison.Ordinal);
    }
}
