using Sluice.Engine.Expressions;
using Sluice.Engine.Secrets;
using Sluice.Engine.Triggers;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>The trigger's <c>when</c>: a request that it is not true of is taken note of by the caller alone, with 204 and no run.</summary>
internal sealed partial class ConditionGate(ISecrets secrets, TimeProvider time, ILogger<ConditionGate> log) : IGate
{
    public ValueTask<IEarlyAnswer?> PassAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        if (request.Workflow.Compiled.Trigger.When is not { } when)
        {
            return default;
        }

        try
        {
            return new(when.IsTrue(new TriggerScope(request.Data!, secrets, time.GetUtcNow())) ? null : EmptyAnswer.NoContent);
        }
        catch (ExpressionException exception)
        {
            LogFailure(request.Workflow.Name, exception.Message);
            return new(exception.IsLimit ? Problems.UnusableRequest : Problems.ConditionFailed);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The condition of the trigger of {Workflow} could not be evaluated, so no run started: {Reason}")]
    private partial void LogFailure(string workflow, string reason);
}
