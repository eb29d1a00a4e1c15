using System.Collections.Immutable;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Engine.Definitions;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Host.Logging;
using Sluice.Host.Webhooks.Gates;
using Sluice.Host.Webhooks.Later;

namespace Sluice.Host.Webhooks;

/// <summary>
/// The webhook ingress: takes a request, finds its workflow, starts the run, and answers with what the responder says. Nothing here knows how a
/// run is walked, and no run ever sees the <see cref="HttpContext"/>.
/// </summary>
internal sealed class WebhookEndpoint(
    WorkflowRegistry workflows,
    ImmutableArray<IGate> gates,
    Runner runner,
    ResponderRegistry responders,
    CallerWait waiting,
    TriggerAnswers answers,
    StatusLinks links,
    TimeSpan defaultDeadline,
    TimeProvider time,
    IRequestLog requests)
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

        var deadline = workflow.Compiled.Webhook!.Deadline ?? defaultDeadline;
        var request = new WebhookRequest(http, workflow, match.Parameters)
        {
            Deadline = deadline,
            Preference = Preference.Of(http.Request.Headers)?.CappedBy(deadline),
        };
        if (await PassAsync(request, http.RequestAborted) is { } refused)
        {
            await refused.WriteAsync(http);
            return null;
        }

        try
        {
            return await RunAsync(request);
        }
        finally
        {
            // A key whose run did not begin is free for the next delivery.
            request.Place?.Dispose();
        }
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
        if (request.Trigger.MaxConcurrent is { } most && !runner.Loads.Of(workflow.Name).TryEnter(most))
        {
            await Problems.TooManyRunsOfWorkflow.WriteAsync(http);
            return null;
        }

        var start = StartOf(request);
        var responder = runner.Start(workflow.Compiled, workflow.Version, "webhook", request.Data!, start);
        try
        {
            var answer = answers.Of(await waiting.WaitAsync(request, responder), request, responder.Run, start);
            await (answer is Answer.Deferred
                ? links.WriteDeferralAsync(http, responder.Run, request.Preference!)
                : AnswerWriter.WriteAsync(http, responder.Run, answer));
            return answer is Answer.NotDurable ? null : responder.Run;
        }
        finally
        {
            responders.Close(responder);
        }
    }

    private RunStart StartOf(WebhookRequest request)
    {
        var start = new RunStart
        {
            IsCounted = request.Trigger.MaxConcurrent is not null,
            Place = request.Place,
            IsAskedForLater = request.Preference is not null,
            IsAcknowledgedAtOnce = request.Preference is { IsImmediate: true },
        };
        return start.KeepsReply ? start with { Acknowledgement = answers.Acknowledgement(request) } : start;
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
}
