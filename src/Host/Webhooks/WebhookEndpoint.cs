using System.Collections.Immutable;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Sluice.Engine.Blobs;
using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Publishing;
using Sluice.Engine.Replies;
using Sluice.Engine.Triggers;
using Sluice.Host.Listening;
using Sluice.Host.Logging;
using Sluice.Host.Metrics;
using Sluice.Host.Webhooks.AsyncReplies;
using Sluice.Host.Webhooks.Bodies;
using Sluice.Host.Webhooks.Gates;

namespace Sluice.Host.Webhooks;

/// <summary>
/// The webhook ingress: accepts a request, finds its workflow, starts the run, and writes the response of the responder. Nothing here knows
/// how a run is executed, and no run ever sees the <see cref="HttpContext"/>.
/// </summary>
internal sealed partial class WebhookEndpoint(
    WorkflowRegistry workflows,
    GateChain gates,
    Runner runner,
    ResponderRegistry responders,
    CallerWait waiting,
    TriggerAnswers answers,
    StatusLinks links,
    AnswerWriter writer,
    Cors cors,
    BodyMemory memory,
    TimeSpan defaultDeadline,
    TimeProvider time,
    IRequestLog requests,
    IngressMetrics metrics,
    ILogger<WebhookEndpoint> log)
{
    /// <summary>The prefix of every webhook's path.</summary>
    public const string Prefix = "/hooks";

    public async Task HandleAsync(HttpContext http)
    {
        var started = time.GetTimestamp();
        using var activity = RequestActivity.Start(http.Request);
        RunId? run = null;
        try
        {
            run = await AnswerAsync(http);
        }
        catch (BlobStoreException full) when (!http.Response.HasStarted)
        {
            LogFull(full.Message);
            await Problems.NotDurable.WriteAsync(http);
        }
        catch (Exception full) when (full is BodyMemoryFullException or OutOfMemoryException && !http.Response.HasStarted)
        {
            await Problems.TooManyBytes.WriteAsync(http);
        }
        catch (Exception exception) when (http.RequestAborted.IsCancellationRequested || exception is BadHttpRequestException)
        {
            await RefuseBrokenAsync(http, exception);
        }

        var duration = time.GetElapsedTime(started);
        metrics.Note(http.Response.StatusCode, duration);
        activity?.SetTag("http.response.status_code", http.Response.StatusCode);
        if (requests.IsEnabled)
        {
            requests.Write(new RequestLine(
                time.GetLocalNow(), http.Request.Method, http.Request.Path.Value, http.Response.StatusCode, duration, run));
        }
    }

    private async Task<RunId?> AnswerAsync(HttpContext http)
    {
        if (HttpMethods.IsOptions(http.Request.Method) && Preflight(http) is { } preflight)
        {
            await preflight.WriteAsync(http);
            return null;
        }

        var match = Match(http, http.Request.Method);
        if (match.Value is not { } entry)
        {
            await NoRoute(http, match.Allowed).WriteAsync(http);
            return null;
        }

        if (workflows.Ready(entry) is not { } workflow)
        {
            await Problems.Held(WorkflowRegistry.WhyNot(entry)).WriteAsync(http);
            return null;
        }

        if (workflow.Compiled.Webhook!.Cors is { } allowed)
        {
            cors.Allow(http, allowed);
        }

        var deadline = workflow.Compiled.Webhook!.Deadline ?? defaultDeadline;
        using var request = new WebhookRequest(http, workflow, match.Parameters, memory.NewShare())
        {
            Deadline = deadline,
            Preference = Preference.Of(http.Request.Headers)?.CappedBy(deadline),
        };
        try
        {
            if (!(await gates.PassAsync(request, http.RequestAborted)).TryGet(out var admitted, out var refused))
            {
                request.Dispose();
                await refused.WriteAsync(http);
                return null;
            }

            return await RunAsync(admitted.Arrival, admitted.Start, admitted.Place);
        }
        finally
        {
            request.ReleaseConnection();
        }
    }

    // The state of every waiting request holds these parameters: pass neither the whole stage nor the body's bytes.
    private async Task<RunId?> RunAsync(WebhookRequest request, ParsedData parsed, ClaimPlace? place)
    {
        try
        {
            if (parsed.Upload is { } upload)
            {
                await upload.KeepAsync();
            }

            var (http, workflow) = (request.Http, request.Workflow);
            if (request.Trigger.MaxConcurrent is { } most && !runner.Loads.Of(workflow.Name).TryEnter(most))
            {
                parsed.Upload?.Discard();
                request.Dispose();
                await Problems.TooManyRunsOfWorkflow.WriteAsync(http);
                return null;
            }

            var start = StartOf(request, parsed.Data, place);
            request.HandOver(parsed);
            var responder = runner.Start(workflow.Compiled, workflow.Version, "webhook", parsed.Data, start);
            // The run holds what it needs of the body; the caller may wait for long.
            request.Dispose();
            try
            {
                var answer = await answers.OfAsync(await waiting.WaitAsync(request, responder, place is not null), workflow, parsed.Data, responder.Run, start);
                await (answer is Answer.Deferred
                    ? links.WriteDeferralAsync(http, responder.Run, request.Preference!)
                    : writer.WriteAsync(http, responder.Run, answer));
                return answer is Answer.NotDurable ? null : responder.Run;
            }
            finally
            {
                responders.Close(responder);
            }
        }
        finally
        {
            // If the run did not start, the next delivery can use the key.
            place?.Dispose();
        }
    }

    private RunStart StartOf(WebhookRequest request, TriggerData data, ClaimPlace? place)
    {
        var start = new RunStart
        {
            IsCounted = request.Trigger.MaxConcurrent is not null,
            Place = place,
            IsAsync = request.Preference is not null,
            IsAcknowledgedAtOnce = request.Preference is { IsImmediate: true },
        };
        return start.KeepsReply ? start with { Acknowledgement = answers.Acknowledgement(request.Workflow, data) } : start;
    }

    // RFC 9110, section 9.3.2: a workflow's response to HEAD is that to GET without the body.
    private RouteMatch<WorkflowEntry> Match(HttpContext http, string method)
    {
        var match = workflows.Match(method, PathBelowPrefix(http));
        return match.Value is null && HttpMethods.IsHead(method) ? workflows.Match(HttpMethods.Get, PathBelowPrefix(http)) : match;
    }

    // Match the workflow of the method that the preflight announces, not one that accepts OPTIONS.
    private IEarlyAnswer? Preflight(HttpContext http) =>
        Cors.MethodOfPreflight(http.Request) is { } method
            && Match(http, method).Value is { } entry
            && workflows.Ready(entry)?.Compiled.Webhook!.Cors is { } allowed
            ? cors.Preflight(allowed)
            : null;

    private static IEarlyAnswer NoRoute(HttpContext http, ImmutableArray<string> taken)
    {
        if (taken.IsDefaultOrEmpty)
        {
            return Problems.NotFound;
        }

        // On a known path the host itself serves HEAD through GET, and OPTIONS.
        IEnumerable<string> byHost = taken.Contains(HttpMethods.Get) ? [HttpMethods.Head, HttpMethods.Options] : [HttpMethods.Options];
        http.Response.Headers.Allow = string.Join(", ", taken.Union(byHost));
        return HttpMethods.IsOptions(http.Request.Method) ? EmptyAnswer.NoContent : Problems.MethodNotAllowed(taken);
    }

    // Use the raw path: a decoded one no longer distinguishes a slash in a parameter from a slash between segments.
    private static ReadOnlySpan<char> PathBelowPrefix(HttpContext http)
    {
        var raw = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.AsSpan();
        var query = raw.IndexOf('?');
        var path = query < 0 ? raw : raw[..query];
        return path.StartsWith(Prefix, StringComparison.Ordinal)
            ? path[Prefix.Length..]
            : http.Request.Path.ToUriComponent().AsSpan(Prefix.Length);
    }

    private static Task RefuseBrokenAsync(HttpContext http, Exception exception)
    {
        if (http.Response.HasStarted)
        {
            return Task.CompletedTask;
        }

        if (exception.InnerException is ConnectionResetException)
        {
            // The connection is lost. The web server would notice only when it reads on, and log an error with a stack trace.
            http.Abort();
        }

        if (http.RequestAborted.IsCancellationRequested || exception is not BadHttpRequestException { InnerException: not ConnectionResetException } broken)
        {
            // 499: the caller disconnected before the response; only the log shows it.
            http.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return Task.CompletedTask;
        }

        return Problems.Of(broken).WriteAsync(http);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request was rejected: {Reason}")]
    private partial void LogFull(string reason);
}
