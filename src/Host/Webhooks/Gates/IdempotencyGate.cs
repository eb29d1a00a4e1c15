using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Execution;
using Sluice.Engine.Expressions;
using Sluice.Engine.Journal;
using Sluice.Engine.Replies;
using Sluice.Engine.Secrets;
using Sluice.Engine.Triggers;
using Sluice.Host.Webhooks.AsyncReplies;
using Sluice.Host.Webhooks.Idempotency;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>Repeated deliveries: the first under a key passes and claims it; every other one gets what the first one's run has come to, and starts none.</summary>
internal sealed partial class IdempotencyGate(
    Claims claims,
    StoredReplies replies,
    TriggerAnswers answers,
    StatusLinks links,
    AnswerWriter writer,
    ISecrets secrets,
    TimeSpan defaultRetention,
    TimeProvider time,
    ILogger<IdempotencyGate> log)
{
    public ValueTask<Passage<AdmittedRequest>> PassAsync(in ParsedRequest request, CancellationToken cancellationToken)
    {
        var workflow = request.Arrival.Workflow;
        var settings = request.Arrival.Trigger.Idempotency ?? IdempotencySettings.Default;
        try
        {
            var (source, key, problem) = DeliveryKey.Find(request, settings, secrets, time.GetUtcNow());
            if ((problem ?? (key is null && settings.IsRequired ? Problems.KeyMissing(settings) : null)) is { } refused)
            {
                return new(Passage<AdmittedRequest>.Ended(refused));
            }

            if (key is null)
            {
                return new(new AdmittedRequest(request.Arrival, request.Start, null));
            }

            var claim = new Claim(
                DeliveryKey.Hash(workflow.Name, request.Verified.Sender.Identity, source!, key),
                settings.ComparesPayloads ? DeliveryKey.Fingerprint(request) : new byte[32],
                time.GetUtcNow() + (settings.Retention ?? defaultRetention));
            return TakeAsync(request, claim, cancellationToken);
        }
        catch (ExpressionException exception)
        {
            LogFailure(workflow.Name, exception.Message);
            return new(Passage<AdmittedRequest>.Ended(exception.IsLimit ? Problems.UnusableRequest : Problems.KeyFailed));
        }
    }

    private async ValueTask<Passage<AdmittedRequest>> TakeAsync(ParsedRequest request, Claim claim, CancellationToken cancellationToken)
    {
        try
        {
            switch (await claims.TakeAsync(claim, cancellationToken))
            {
                case Claimed.First first:
                    return new AdmittedRequest(request.Arrival, request.Start, first.Place);
                case Claimed.Repeat repeat when repeat.Held.Matches(claim):
                    return Passage<AdmittedRequest>.Ended(await AnswerAsync(request.Arrival, request.Data, repeat, cancellationToken));
                default:
                    return Passage<AdmittedRequest>.Ended(Problems.KeyReused);
            }
        }
        catch (JournalUnavailableException)
        {
            return Passage<AdmittedRequest>.Ended(Problems.NotDurable);
        }
    }

    private async ValueTask<IEarlyAnswer> AnswerAsync(WebhookRequest request, TriggerData data, Claimed.Repeat repeat, CancellationToken cancellationToken)
    {
        var answer = await WaitAsync(request, repeat, cancellationToken);
        answer = answer is Answer.DeadlinePassed ? await answers.OfAsync(answer, request.Workflow, data, repeat.Held.Run) : answer;
        return new RepeatAnswer(repeat.Held.Run, answer, request.Preference, links, writer);
    }

    private async ValueTask<Answer> WaitAsync(WebhookRequest request, Claimed.Repeat repeat, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        try
        {
            if (!await repeat.Durable.WaitAsync(request.Deadline, time, cancellationToken))
            {
                return new Answer.NotDurable("The first delivery could not be stored.");
            }
        }
        catch (TimeoutException)
        {
            return new Answer.DeadlinePassed();
        }

        if (request.Preference is { IsImmediate: true })
        {
            return new Answer.Deferred();
        }

        var patience = (request.Preference?.Within(request.Deadline) ?? request.Deadline) - time.GetElapsedTime(began);
        return await replies.WaitAsync(repeat.Held.Run, found => (found.Acknowledgement ?? found.Answer) is not null, patience, cancellationToken) switch
        {
            // The run was removed from the journal in between; then the key is free for the next delivery.
            null => new Answer.NotDurable("The run of the first delivery is gone."),
            { Acknowledgement: { } acknowledgement } => acknowledgement,
            { Answer: { } answer } => answer,
            _ when request.Preference is not null => new Answer.Deferred(),
            _ => new Answer.DeadlinePassed(),
        };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The idempotency key of a delivery to {Workflow} could not be evaluated, so no run started: {Reason}")]
    private partial void LogFailure(string workflow, string reason);

    /// <summary>The answer to a delivery that started no run, because an earlier one under its key did.</summary>
    private sealed class RepeatAnswer(RunId run, Answer answer, Preference? preference, StatusLinks links, AnswerWriter writer) : IEarlyAnswer
    {
        public Task WriteAsync(HttpContext http)
        {
            http.Response.Headers[AnswerWriter.ReplayedHeader] = "true";
            return answer is Answer.Deferred ? links.WriteDeferralAsync(http, run, preference!) : writer.WriteAsync(http, run, answer);
        }
    }
}
