using System.Collections.Immutable;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Engine.Definitions;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Host.Logging;
using Sluice.Host.Webhooks.Gates;

namespace Sluice.Host.Webhooks;

/// <summary>
/// The webhook ingress: takes a request, finds its workflow, starts the run, and answers with what the responder says. Nothing here knows how a
/// run is walked, and no run ever sees the <see cref="HttpContext"/>.
/// </summary>
internal sealed partial class WebhookEndpoint(
    WorkflowRegistry workflows,
    ImmutableArray<IGate> gates,
    Runner runner,
    RunRecovery recovery,
    ResponderRegistry responders,
    TriggerAnswers answers,
    TimeSpan defaultDeadline,
    TimeProvider time,
    IRequestLog requests,
    ILogger<WebhookEndpoint> log)
{
    /// <summary>What every webhook's path begins with.</summary>
    public const string Prefix = "/hooks";

    private readonly long[] _answers = new long[600];

    /// <summary>How many requests were answered since the start, by status.</summary>
    public IEnumerable<(int Status, long Count)> Answers => Enumerable.Range(0, _answers.Length)
        .Select(status => (status, Interlocked.Read(ref _answers[status]))).Where(answer => answer.Item2 > 0);

    public async Task HandleAsync(HttpContext http)
    {
        var started = time.GetTimestamp();
        RunId? run = null;
        try
        {
            run = await AnswerAsync(http);
        }
        catch (Exception exception) when (http.RequestAborted.IsCancellationRequested || exception is BadHttpRequestException)
        {
            RefuseBroken(http, exception);
        }

        Interlocked.Increment(ref _answers[http.Response.StatusCode]);
        if (requests.IsEnabled)
        {
            requests.Write(new RequestLine(
                time.GetLocalNow(), http.Request.Method, http.Request.Path.Value, http.Response.StatusCode, time.GetElapsedTime(started), run));
        }
    }

    private async Task<RunId?> AnswerAsync(HttpContext http)
    {
        var match = workflows.Match(http.Request.Method, PathBelowPrefix(http));
        if (match.Value is not { } entry)
        {
            await NoRouteAsync(http, match);
            return null;
        }

        if (workflows.Ready(entry) is not { } workflow)
        {
            await Problems.Held(WorkflowRegistry.WhyNot(entry)).WriteAsync(http);
            return null;
        }

        var request = new WebhookRequest(http, workflow, match.Parameters);
        if (await PassAsync(request, http.RequestAborted) is { } refused)
        {
            await refused.WriteAsync(http);
            return null;
        }

        return await RunAsync(request);
    }

    private async ValueTask<IEarlyAnswer?> PassAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        foreach (var gate in gates)
        {
            if (await gate.PassAsync(request, cancellationToken) is { } refused)
            {
                return refused;
            }
        }

        return null;
    }

    private async Task<RunId?> RunAsync(WebhookRequest request)
    {
        var (http, workflow) = (request.Http, request.Workflow);
        var isCounted = request.Trigger.MaxConcurrent is not null;
        if (request.Trigger.MaxConcurrent is { } most && !runner.Loads.Of(workflow.Name).TryEnter(most))
        {
            await Problems.TooManyRunsOfWorkflow.WriteAsync(http);
            return null;
        }

        var responder = runner.Start(workflow.Compiled, workflow.Version, "webhook", request.Data!, new RunStart { IsCounted = isCounted });
        try
        {
            var answer = answers.Of(await WaitAsync(request, responder), request, responder.Run);
            await AnswerWriter.WriteAsync(http, responder.Run, answer);
            return answer is Answer.NotDurable ? null : responder.Run;
        }
        finally
        {
            responders.Close(responder);
        }
    }

    private async ValueTask<Answer> WaitAsync(WebhookRequest request, Responder responder)
    {
        var deadline = request.Trigger.Deadline ?? defaultDeadline;
        try
        {
            return await responder.Answer.WaitAsync(deadline, time, request.Http.RequestAborted);
        }
        catch (TimeoutException)
        {
            if (responder.TryExpire())
            {
                runner.Warn(responder.Run, $"The caller's deadline of {Duration.Write(deadline)} passed before the run replied.");
            }
        }
        catch (OperationCanceledException)
        {
            if (responder.TryHangUp())
            {
                await NoteHangUpAsync(request, responder.Run);
            }
        }

        // Settled by the line above, or by a reply that had the claim already and leaves when it is durable.
        return await responder.Answer;
    }

    private async ValueTask NoteHangUpAsync(WebhookRequest request, RunId run)
    {
        if (!request.Trigger.CancelsOnDisconnect)
        {
            runner.Warn(run, "The caller hung up before the run replied.");
            return;
        }

        const string warning = "The caller hung up before the run replied, which cancels it: the trigger's on_disconnect says so.";
        runner.Warn(run, warning);
        if (await recovery.CancelAsync(run, CancellationToken.None, warning) is { } whyNot)
        {
            LogNotCancelled(run.ToString(), whyNot);
        }
    }

    private static Task NoRouteAsync(HttpContext http, RouteMatch<WorkflowEntry> match)
    {
        if (match.Allowed.IsDefaultOrEmpty)
        {
            return Problems.NotFound.WriteAsync(http);
        }

        http.Response.Headers.Allow = string.Join(", ", match.Allowed);
        return Problems.MethodNotAllowed(match.Allowed).WriteAsync(http);
    }

    // The raw path, because a decoded one no longer tells a slash in a parameter from a slash between segments.
    private static ReadOnlySpan<char> PathBelowPrefix(HttpContext http)
    {
        var raw = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        var query = raw.IndexOf('?');
        var path = query < 0 ? raw : raw[..query];
        return path.StartsWith(Prefix, StringComparison.Ordinal)
            ? path[Prefix.Length..]
            : http.Request.Path.ToUriComponent().AsSpan(Prefix.Length);
    }

    private static void RefuseBroken(HttpContext http, Exception exception)
    {
        if (!http.Response.HasStarted)
        {
            // 499: the caller left before there was an answer; nobody reads it but the log.
            http.Response.StatusCode = exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status499ClientClosedRequest;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId} was not cancelled when its caller hung up: {Reason}")]
    private partial void LogNotCancelled(string runId, string reason);
}
