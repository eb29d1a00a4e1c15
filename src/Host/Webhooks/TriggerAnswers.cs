using Sluice.Engine.Compiled;
using Sluice.Engine.Execution;
using Sluice.Engine.Expressions;
using Sluice.Engine.Journal;
using Sluice.Engine.Publishing;
using Sluice.Engine.Replies;
using Sluice.Engine.Secrets;
using Sluice.Engine.Triggers;
using Sluice.Sdk;

namespace Sluice.Host.Webhooks;

/// <summary>Gives the trigger's own answers in the place of the host's: <c>acknowledge</c> for the empty 202, <c>on_deadline</c> for the 504.</summary>
internal sealed partial class TriggerAnswers(ISecrets secrets, int maxReplyBytes, Runner runner, TimeProvider time, ILogger<TriggerAnswers> log)
{
    /// <summary>What the caller is told; the host's own answer where the trigger sets none, or one that can't be given.</summary>
    public ValueTask<Answer> OfAsync(Answer answer, LiveWorkflow workflow, TriggerData data, RunId run, RunStart start = default)
    {
        if (answer is Answer.Acknowledged && start.KeepsReply)
        {
            // Made before the run began, and stored with it: everybody who asks is told the same.
            return new(start.Acknowledgement is { } kept ? new Answer.Replied(kept) : answer);
        }

        var template = answer switch
        {
            Answer.Acknowledged => workflow.Compiled.Trigger.Acknowledge,
            Answer.DeadlinePassed => workflow.Compiled.Trigger.OnDeadline,
            _ => null,
        };
        return template is null ? new(answer) : MakeElsewhereAsync(template, workflow, data, run, answer);
    }

    /// <summary>The trigger's acknowledgement of a request that no run has begun with yet; null where it sets none, or one that can't be given.</summary>
    public Reply? Acknowledgement(LiveWorkflow workflow, TriggerData data)
    {
        try
        {
            return workflow.Compiled.Trigger.Acknowledge?.ReplyTo(() => new TriggerScope(data, secrets, time.GetUtcNow()), maxReplyBytes);
        }
        catch (Exception exception) when (exception is ExpressionException or ReplyRefusedException)
        {
            LogFailure(workflow.Name, exception.Message);
            return null;
        }
    }

    // Whoever is told of a commit hears it on the thread that all commits wait for: reading the body again and a script are not to be done there.
    private async ValueTask<Answer> MakeElsewhereAsync(AnswerTemplate template, LiveWorkflow workflow, TriggerData data, RunId run, Answer otherwise)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return Make(template, workflow, data, run) ?? otherwise;
    }

    private Answer.Replied? Make(AnswerTemplate template, LiveWorkflow workflow, TriggerData started, RunId run)
    {
        TriggerData? data = null;
        try
        {
            // Read again: what the run started from goes with the run, which may have ended by now.
            return new Answer.Replied(template.ReplyTo(
                () => new TriggerScope(data = TriggerData.Restore(started.EnvelopeBytes, started.BodyBytes), secrets, time.GetUtcNow()), maxReplyBytes));
        }
        catch (Exception exception) when (exception is ExpressionException or ReplyRefusedException)
        {
            LogFailure(workflow.Name, exception.Message);
            runner.Warn(run, $"The response of the trigger could not be built, so the caller got the host's default. {exception.Message}");
            return null;
        }
        finally
        {
            data?.Dispose();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The response of the trigger of {Workflow} could not be built: {Reason}")]
    private partial void LogFailure(string workflow, string reason);
}
