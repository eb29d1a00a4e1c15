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

/// <summary>
/// Replaces the host's default answers by the trigger's: <c>acknowledge</c> for the empty 202, <c>on_deadline</c> for the 504.
/// </summary>
internal sealed partial class TriggerAnswers(ISecrets secrets, int maxReplyBytes, Runner runner, TimeProvider time, ILogger<TriggerAnswers> log)
{
    /// <summary>Gets the answer for the caller; the host's own if the trigger sets none, or it can't be built.</summary>
    public ValueTask<Answer> OfAsync(Answer answer, LiveWorkflow workflow, TriggerData data, RunId run, RunStart start = default)
    {
        if (answer is Answer.Acknowledged && start.KeepsReply)
        {
            // Built before the run started and stored with it, so that everybody gets the same.
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

    /// <summary>
    /// Builds the trigger's acknowledgement before a run has started; null if the trigger sets none, or it can't be built.
    /// </summary>
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

    // This continues on the thread that all commits wait for: it must neither read the body again nor run a script.
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
            // Restore the data: the run owns its input, and may have ended by now.
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
