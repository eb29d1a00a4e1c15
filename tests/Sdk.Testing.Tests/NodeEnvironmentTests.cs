using System.Net;
using Microsoft.Extensions.Logging;

namespace Sluice.Sdk.Testing.Tests;

public sealed class NodeEnvironmentTests
{
    [Fact]
    public void The_context_holds_what_the_environment_was_given()
    {
        var environment = new NodeEnvironment { RunId = "r", StepKey = "s", Attempt = 3, IdempotencyKey = "i", Wake = new Wake(DateTimeOffset.UnixEpoch) };

        var context = environment.NewContext();

        Assert.Equal(("r", "s", 3, "i", new Wake(DateTimeOffset.UnixEpoch)), (context.RunId, context.StepKey, context.Attempt, context.IdempotencyKey, context.Wake));
        Assert.Same(environment.Time, context.Time);
    }

    [Fact]
    public async Task A_request_is_answered_by_the_test_and_recorded()
    {
        var environment = new NodeEnvironment { Http = new StubHttp(_ => new HttpResponseMessage(HttpStatusCode.Created)) };
        using var body = new StringContent("text");

        var response = await environment.NewContext().Http.PostAsync(new Uri("https://a.example/x"), body, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var request = Assert.Single(environment.Http.Requests);
        Assert.Equal(("POST", "text", "text/plain; charset=utf-8"), (request.Method, request.Body, request.Headers["content-type"]));
    }

    [Fact]
    public async Task Without_an_answer_there_is_no_network() =>
        await Assert.ThrowsAsync<HttpRequestException>(
            () => new NodeEnvironment().NewContext().Http.GetAsync(new Uri("https://a.example"), TestContext.Current.CancellationToken));

    [Fact]
    public async Task The_first_reply_is_sent_and_the_second_is_told_why_not()
    {
        var responder = new NodeEnvironment().Responder;

        Assert.Equal(new ReplyReceipt(true), await responder.ReplyAsync(new Reply(200), TestContext.Current.CancellationToken));
        Assert.False((await responder.ReplyAsync(new Reply(201), TestContext.Current.CancellationToken)).Sent);
        Assert.Equal([200, 201], responder.Offered.Select(reply => reply.Status));
    }

    [Fact]
    public void A_log_line_is_kept_with_its_values_filled_in()
    {
        var environment = new NodeEnvironment();

        environment.NewContext().Logger.LogWarning("{Count} lines", 3);

        Assert.Equal([new LogLine(LogLevel.Warning, "3 lines")], environment.Logger.Lines);
    }
}
