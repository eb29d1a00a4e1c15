using System.Text.Json.Nodes;
using Sluice.Sdk;
using Sluice.Sdk.Testing;

namespace Sluice.Plugins.Notifications.Tests;

public sealed class EmailTests
{
    [Fact]
    public async Task A_message_reaches_every_recipient_and_shows_no_blind_copy()
    {
        await using var server = new SmtpServer();

        var outcome = await SendAsync(server, """{"to":["Ann <ann@example.com>"],"cc":["bob@example.com"],"bcc":["eve@example.com"]}""");

        Assert.True(outcome.Output!.Value.GetProperty("sent").GetBoolean());
        Assert.Equal(["ann@example.com", "bob@example.com", "eve@example.com"], Recipients(server));
        Assert.Contains("To: Ann <ann@example.com>", server.Message);
        Assert.DoesNotContain(server.Message, line => line.Contains("eve@", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_attempt_has_the_same_message_id_and_every_step_another()
    {
        var environment = new NodeEnvironment();

        var first = await MessageIdAsync(environment);
        var again = await MessageIdAsync(environment with { Attempt = 2 });
        var other = await MessageIdAsync(environment with { IdempotencyKey = "run-2:step" });

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.EndsWith("@example.com", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_html_and_attachments_are_sent_together()
    {
        await using var server = new SmtpServer();

        await SendAsync(server, """
            {"text":"Thank you.","html":"<p>Thank you.</p>","attachments":[{"name":"a.csv","content":"id,amount","content_type":"text/csv"}]}
            """);

        Assert.Contains(server.Message, line => line.StartsWith("Content-Type: multipart/mixed", StringComparison.Ordinal));
        Assert.Contains("Thank you.", server.Message);
        Assert.Contains("<p>Thank you.</p>", server.Message);
        Assert.Contains(server.Message, line => line.Contains("a.csv", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_password_is_sent_to_this_machine_and_shown_nowhere()
    {
        await using var server = new SmtpServer(("AUTH", "535 no"));

        var outcome = await SendAsync(server, """{"username":"shop","password":"hunter2"}""");

        Assert.Equal(FailureKind.Refused, outcome.Failure?.Kind);
        Assert.False(outcome.Failure!.Retryable);
        Assert.DoesNotContain("hunter2", outcome.Failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RCPT", "550 no such user", FailureKind.Refused, false)]
    [InlineData("RCPT", "450 mailbox busy", FailureKind.Unavailable, true)]
    [InlineData("MAIL", "553 not you", FailureKind.Refused, false)]
    [InlineData(".", "452 disk full", FailureKind.Unavailable, true)]
    [InlineData(".", "554 spam", FailureKind.Refused, false)]
    [InlineData("DATA", "hang up", FailureKind.Unavailable, true)]
    public async Task An_answer_for_now_may_be_retried_and_one_for_good_may_not(string command, string answer, string kind, bool retryable)
    {
        await using var server = new SmtpServer((command, answer));

        var outcome = await SendAsync(server, "{}");

        Assert.Equal((kind, retryable), (outcome.Failure?.Kind, outcome.Failure?.Retryable));
    }

    [Fact]
    public async Task A_server_that_hangs_up_after_it_took_the_message_is_a_success()
    {
        await using var server = new SmtpServer(("QUIT", "hang up"));

        Assert.NotNull((await SendAsync(server, "{}")).Output);
    }

    [Fact]
    public async Task A_server_without_encryption_is_refused_where_it_is_asked_for()
    {
        await using var server = new SmtpServer();

        var outcome = await SendAsync(server, """{"security":"start_tls"}""");

        Assert.Equal((FailureKind.Refused, false), (outcome.Failure?.Kind, outcome.Failure?.Retryable));
        Assert.Contains("STARTTLS", outcome.Failure!.Message, StringComparison.Ordinal);
        Assert.Empty(server.Message);
    }

    [Fact]
    public async Task A_server_that_is_not_there_may_be_retried()
    {
        int port;
        await using (var gone = new SmtpServer())
        {
            port = gone.Port;
        }

        var outcome = await RunAsync(new NodeEnvironment(), port, "{}");

        Assert.Equal((FailureKind.Unavailable, true), (outcome.Failure?.Kind, outcome.Failure?.Retryable));
    }

    [Theory]
    [InlineData("""{"subject":"a\r\nBcc: eve@example.com"}""", "subject")]
    [InlineData("""{"from":"a@example.com\r\nBcc: eve@example.com"}""", "from")]
    [InlineData("""{"to":["a@example.com\nBcc: eve@example.com"]}""", "to[0]")]
    [InlineData("""{"to":["a@example.com, b@example.com"]}""", "to[0]")]
    [InlineData("""{"to":["nobody"]}""", "to[0]")]
    [InlineData("""{"to":[]}""", "to")]
    [InlineData("""{"text":null}""", "text")]
    [InlineData("""{"password":"x"}""", "password")]
    [InlineData("""{"host":"smtp.example.com","username":"a","password":"x"}""", "security")]
    [InlineData("""{"attachments":[{"name":"a\r\nb","content":""}]}""", "attachments[0].name")]
    [InlineData("""{"attachments":[{"name":"../a","content":""}]}""", "attachments[0].name")]
    [InlineData("""{"attachments":[{"name":"a"}]}""", "attachments[0].content")]
    [InlineData("""{"attachments":[{"name":"a","base64":"*"}]}""", "attachments[0].base64")]
    [InlineData("""{"attachments":[{"name":"a","content":"","content_type":"text/csv\r\nX: y"}]}""", "attachments[0].content_type")]
    public async Task What_could_forge_a_header_or_reach_nobody_is_refused_by_name(string change, string path)
    {
        var outcome = await RunAsync(new NodeEnvironment(), 1, change);

        Assert.Equal(FailureKind.Config, outcome.Failure?.Kind);
        Assert.StartsWith($"{path}:", outcome.Failure!.Message, StringComparison.Ordinal);
    }

    private static async Task<string> MessageIdAsync(NodeEnvironment environment)
    {
        await using var server = new SmtpServer();
        var id = (await RunAsync(environment, server.Port, "{}")).Output!.Value.GetProperty("message_id").GetString()!;
        Assert.Contains($"Message-Id: <{id}>", server.Message);
        return id;
    }

    private static Task<NodeOutcome> SendAsync(SmtpServer server, string change) => RunAsync(new NodeEnvironment(), server.Port, change);

    private static Task<NodeOutcome> RunAsync(NodeEnvironment environment, int port, string change)
    {
        var config = new JsonObject
        {
            ["host"] = "127.0.0.1",
            ["port"] = port,
            ["security"] = "none",
            ["from"] = "shop@example.com",
            ["to"] = new JsonArray("ann@example.com"),
            ["subject"] = "Your order",
            ["text"] = "Thank you.",
        };
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
        {
            config[name] = value?.DeepClone();
        }

        return environment.RunAsync(new Email(), config.ToJsonString(), TestContext.Current.CancellationToken);
    }

    private static IEnumerable<string> Recipients(SmtpServer server) =>
        server.Commands.Where(command => command.StartsWith("RCPT", StringComparison.Ordinal)).Select(command => command.Split('<', '>')[1]);
}
