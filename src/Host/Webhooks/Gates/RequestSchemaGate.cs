using Sluice.Engine.Definitions.Triggers;
using Sluice.Engine.Execution;
using Sluice.Engine.Triggers;

namespace Sluice.Host.Webhooks.Gates;

/// <summary>The trigger's <c>request</c>: a request that does not fit its schemas is answered 422 with all that is wrong, and no run begins.</summary>
internal static class RequestSchemaGate
{
    // Above this a check may take longer than others on the same socket thread should wait.
    private const int LargeBody = 32 * 1024;

    /// <summary>Null if the request fits.</summary>
    public static ValueTask<IEarlyAnswer?> CheckAsync(in ParsedRequest request, CancellationToken cancellationToken)
    {
        if (request.Arrival.Trigger.Request is not { } schemas)
        {
            return default;
        }

        var data = request.Data;
        return data.BodyBytes.Length > LargeBody
            ? new(Task.Run<IEarlyAnswer?>(() => Check(schemas, data), cancellationToken))
            : new(Check(schemas, data));
    }

    private static HttpProblem? Check(RequestSchemas schemas, TriggerData data) =>
        schemas.Check(data.Envelope, schemas.Body is null ? default : data.Body) is { Count: > 0 } errors ? Problems.InvalidRequest(errors) : null;
}
