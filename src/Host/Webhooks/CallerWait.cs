using Sluice.Engine.Execution;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Text;

namespace Sluice.Host.Webhooks;

/// <summary>
/// Waits for the answer of a run on behalf of its caller, until the answer, the deadline, the caller's preferred wait, or a disconnect.
/// </summary>
internal sealed partial class CallerWait(Runner runner, RunRecovery recovery, StoredReplies replies, TimeProvider time, ILogger<CallerWait> log)
{
    /// <param name="request">The request.</param>
    /// <param name="responder">The responder of its run.</param>
    /// <param name="hasKey">Whether the delivery has an idempotency key, so that others can ask for its answer too.</param>
    public async ValueTask<Answer> WaitAsync(WebhookRequest request, Responder responder, bool hasKey)
    {
        try
        {
            var answer = await responder.Answer.WaitAsync(request.Preference is { IsImmediate: false } patient ? patient.Within(request.Deadline) : request.Deadline, time, request.Http.RequestAborted);
            return answer is Answer.Acknowledged && request.Preference is { IsImmediate: true } ? new Answer.Deferred() : answer;
        }
        catch (TimeoutException) when (request.Preference is not null)
        {
            if (responder.TryDefer())
            {
                return await DeferAsync(responder.Run);
            }
        }
        catch (TimeoutException)
        {
            if (responder.TryExpire())
            {
                runner.Warn(responder.Run, $"The caller's deadline of {Duration.Write(request.Deadline)} passed before the run replied.");
            }
        }
        catch (OperationCanceledException)
        {
            if (responder.TryHangUp())
            {
                await NoteHangUpAsync(request, responder.Run, hasKey);
            }
        }

        // Settled by the line above, or by a reply that had already claimed the responder and is sent once durable.
        return await responder.Answer;
    }

    // Nothing is acknowledged before it is durable.
    private async ValueTask<Answer> DeferAsync(RunId run)
    {
        await runner.FlushAsync(run);
        return await replies.FindAsync(run, CancellationToken.None) is null ? new Answer.NotDurable("The run could not be stored.") : new Answer.Deferred();
    }

    private async ValueTask NoteHangUpAsync(WebhookRequest request, RunId run, bool hasKey)
    {
        // A caller that sent a key or asked for an asynchronous reply may come back, and others may be waiting now.
        if (!request.Trigger.CancelsOnDisconnect || hasKey || request.Preference is not null)
        {
            runner.Warn(run, "The caller disconnected before the run replied.");
            return;
        }

        const string warning = "The caller disconnected before the run replied, so the run is cancelled (on_disconnect).";
        runner.Warn(run, warning);
        if (await recovery.CancelAsync(run, CancellationToken.None, warning) is { } whyNot)
        {
            LogNotCancelled(run.ToString(), whyNot);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Run {RunId} was not cancelled when its caller disconnected: {Reason}")]
    private partial void LogNotCancelled(string runId, string reason);
}
