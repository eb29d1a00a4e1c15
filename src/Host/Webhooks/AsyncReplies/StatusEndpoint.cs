using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Host.Listening;

namespace Sluice.Host.Webhooks.AsyncReplies;

/// <summary>
/// Serves the status resource of a run to the caller that did not wait: its progress, then the response that the caller would have
/// received.
/// </summary>
internal sealed class StatusEndpoint(StoredReplies answers, StatusLinks links, AnswerWriter writer, TimeSpan longestWait)
{
    public async Task HandleAsync(HttpContext http)
    {
        if (FindRun(http.Request) is not { } run)
        {
            await Problems.NoStatus.WriteAsync(http);
        }
        else if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.Headers.Allow = "GET, HEAD";
            await Problems.StatusMethod.WriteAsync(http);
        }
        else
        {
            await AnswerAsync(http, run);
        }
    }

    // The path, then the token. Whichever is wrong, the response is the same 404, so it reveals nothing.
    private RunId? FindRun(HttpRequest request) =>
        request.Path.Value is { } path
        && path.StartsWith($"{StatusLinks.Prefix}/", StringComparison.Ordinal)
        && RunId.TryParse(path[(StatusLinks.Prefix.Length + 1)..], out var run)
        && request.Query["token"] is [{ } token]
        && links.IsOf(run, token)
            ? run
            : null;

    private async Task AnswerAsync(HttpContext http, RunId run)
    {
        using var kept = ConnectionPlace.Keep(http);
        StoredReply? later;
        try
        {
            var patience = Preference.Of(http.Request.Headers) is { IsImmediate: false } preference ? preference.Within(longestWait) : TimeSpan.Zero;
            later = await answers.WaitAsync(run, answer => answer.Answer is not null, patience, http.RequestAborted);
        }
        catch (JournalUnavailableException)
        {
            await Problems.NotReadable.WriteAsync(http);
            return;
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        switch (later)
        {
            case null:
                await Problems.NoStatus.WriteAsync(http);
                break;
            // Quarantined: once released, the run may still reply.
            case { Answer: null } or { Status: RunStatus.Quarantined, Answer: Answer.Failed }:
                await links.WritePendingAsync(http, run, later.Status);
                break;
            default:
                http.Response.Headers[StatusLinks.AnswerHeader] = "final";
                if (later.Answer is not Answer.Replied { Reply: var reply } || !reply.Headers.Any(header => header.Key.Equals("Cache-Control", StringComparison.OrdinalIgnoreCase)))
                {
                    http.Response.Headers.CacheControl = "no-store";
                }

                await writer.WriteAsync(http, run, later.Answer);
                break;
        }
    }
}
