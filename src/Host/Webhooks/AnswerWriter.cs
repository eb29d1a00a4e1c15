using Sluice.Engine.Blobs;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Host.Listening;
using Sluice.Sdk;

namespace Sluice.Host.Webhooks;

/// <summary>Writes an answer as an HTTP response, according to the published contract.</summary>
internal sealed class AnswerWriter(BlobStore blobs)
{
    public const string RunIdHeader = "Sluice-Run-Id";

    /// <summary>Marks the response to a repeated delivery, which started no run; the name comes from Stripe's API.</summary>
    public const string ReplayedHeader = "Idempotent-Replayed";

    public Task WriteAsync(HttpContext http, RunId run, Answer answer)
    {
        if (answer is Answer.NotDurable)
        {
            // A run that could not be stored never existed, so the response does not name it.
            return Problems.NotDurable.WriteAsync(http);
        }

        http.Response.Headers[RunIdHeader] = run.ToString();
        return answer switch
        {
            Answer.Replied replied => WriteReplyAsync(http, run, replied.Reply),
            Answer.Acknowledged => AcknowledgeAsync(http.Response),
            Answer.Failed { Failure.Kind: FailureKind.Cancelled } => Problems.RunCancelled.WriteAsync(http, run),
            Answer.Failed { Failure.Kind: FailureKind.Request } => Problems.UnusableRequest.WriteAsync(http, run),
            Answer.Failed => Problems.RunFailed.WriteAsync(http, run),
            Answer.DeadlinePassed => Problems.DeadlinePassed.WriteAsync(http, run),
            Answer.Stopping => Problems.Stopping.WriteAsync(http, run),
            Answer.Held held => Problems.Held(held.Reason).WriteAsync(http, run),
            Answer.NotKept => Problems.ReplyNotKept.WriteAsync(http, run),
            Answer.CallerGone => Task.CompletedTask,
            _ => throw new InvalidOperationException($"{answer.GetType().Name} has no HTTP form."),
        };
    }

    private static Task AcknowledgeAsync(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status202Accepted;
        response.ContentLength = 0;
        return Task.CompletedTask;
    }

    private Task WriteReplyAsync(HttpContext http, RunId run, Reply reply)
    {
        var file = reply.Blob is { } blob ? blobs.Find(run, blob) : null;
        if (reply.Blob is not null && file is null)
        {
            return Problems.FileGone.WriteAsync(http, run);
        }

        http.Features.Get<ConnectionPlace>()?.BeginResponse();
        var response = http.Response;
        response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers)
        {
            // If the trigger has `cors`, only its headers apply: a browser rejects a response that has them twice.
            if (!Cors.IsSaid(http, name) && !BrowserPolicy.IsSaid(name))
            {
                response.Headers.Append(name, value);
            }
        }

        if (reply.ContentType is { } contentType)
        {
            response.ContentType = contentType;
        }

        BrowserPolicy.Apply(response, reply);
        // RFC 9110, section 8.6: no Content-Length with 204; with 304 it would describe another representation.
        if (reply.Status is not (204 or 304))
        {
            response.ContentLength = file?.Size ?? reply.Body.Length;
        }

        if (file is { Size: > 0 } && !HttpMethods.IsHead(http.Request.Method))
        {
            return response.SendFileAsync(file.Path, 0, file.Size, http.RequestAborted);
        }

        return reply.Body.IsEmpty || HttpMethods.IsHead(http.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(reply.Body, http.RequestAborted).AsTask();
    }
}
