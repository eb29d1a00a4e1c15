using Sluice.Engine.Expressions;
using Sluice.Engine.Secrets;
using Sluice.Engine.Triggers;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>The trigger's <c>when</c>: a request that it is not true of is taken note of by the caller alone, with 204 and no run.</summary>
internal sealed partial class ConditionGate(ISecrets secrets, TimeProvider time, ILogger<ConditionGate> log)
{
    /// <summary>Null if the request starts a run.</summary>
    public IEarlyAnswer? Check(in ParsedRequest request)
    {
        if (request.Arrival.Workflow.Compiled.Trigger.When is not { } when)
        {
            return null;
        }

        try
        {
            return when.IsTrue(new TriggerScope(request.Data, secrets, time.GetUtcNow())) ? null : EmptyAnswer.NoContent;
        }
        catch (ExpressionException exception)
        {
            LogFailure(request.Arrival.Workflow.Name, exception.Message);
            return exception.IsLimit ? Problems.UnusableRequest : Problems.ConditionFailed;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The condition of the trigger of {Workflow} could not be evaluated, so no run started: {Reason}")]
    private partial void LogFailure(string workflow, string reason);
}
